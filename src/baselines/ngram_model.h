// What an n-gram model is behind its public face: counts and smoothing, or a table of probabilities.
#pragma once

#include <memory>

#include "baselines/smoothing.h"
#include "unfold/baselines.h"

namespace unfold {

/// Contexts hold valid tokens, of which the last order - 1 count.
struct NGram::Model {
  virtual ~Model() = default;
  virtual double probability(std::span<const std::int32_t> context, std::int32_t token) const = 0;
  virtual void probabilities(std::span<const std::int32_t> context, std::span<double> probabilities) const = 0;
  virtual std::vector<std::uint64_t> counts() const = 0;

  int order = 1;
  Index vocabulary_size = 0;
  std::optional<std::int32_t> boundary;
};

/// An interpolated model: the tree of its contexts, and how counts become probabilities.
struct CountedNGram final : NGram::Model {
  CountedNGram(ContextTree tree_, Smoother smoother_, Index vocabulary_size_);

  double probability(std::span<const std::int32_t> context, std::int32_t token) const override;
  void probabilities(std::span<const std::int32_t> context, std::span<double> probabilities) const override;
  std::vector<std::uint64_t> counts() const override;

  ContextTree tree;
  Smoother smoother;
};

}  // namespace unfold
