// From the vectors of a sequence's steps to one vector.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "unfold/parameter.h"
#include "unfold/recurrence.h"
#include "unfold/tape.h"

namespace unfold {

class Pooling {
 public:
  enum class Kind : std::uint8_t {
    kLast,       // what the recurrence wrote when it had read everything: the last step; of a backward one the first
    kMax,        // the largest of each number over all steps
    kMean,       // the mean over all steps
    kAttention,  // a weighted mean: y = sum_t a_t x_t, a = softmax over the steps of v . tanh(W x_t + b); Bahdanau, Cho
                 // and Bengio 2015; Yang et al. 2016
  };

  /// Of vectors of F numbers. `backward` [F] says which of them a recurrence wrote that reads from the end. Attention
  /// has the parameters PREFIX.W [F, F], PREFIX.b [F], PREFIX.v [1, F].
  Pooling(Kind kind, std::vector<bool> backward, std::uint64_t seed, const std::string& prefix);
  ~Pooling();
  Pooling(Pooling&&) noexcept;
  Pooling& operator=(Pooling&&) noexcept;

  /// [N, F], the rows of B sequences, to [B, F]. A sequence without steps becomes zeros.
  Variable forward(Tape& tape, Variable x, const Unrolling& unrolling);
  /// None but those of attention.
  const ParameterList& parameters() const;

 private:
  struct Implementation;
  std::unique_ptr<Implementation> implementation_;
};

/// "last", "max", "mean", "attention", and back. Throws UsageError for another name.
std::string_view pooling_name(Pooling::Kind kind);
Pooling::Kind parse_pooling(std::string_view name);

}  // namespace unfold
