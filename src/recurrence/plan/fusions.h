// Pairs of elementwise functions done as one: an instruction of a program costs much the same whatever it computes.
#pragma once

#include <optional>
#include <vector>

#include "recurrence/plan/plan.h"

namespace unfold::recurrence {

/// A map, or what several make together: values of one size, or scalars. A sum over the rows of a tick is one that adds
/// to itself.
struct FusedMap {
  /// An operand that is 0.
  static constexpr ValueId kZero = kNoValue;

  kernels::Function function = kernels::Function::kIdentity;
  std::vector<ValueId> operands;
};

/// The maps of one program.
class Fusions {
 public:
  /// `values`: what the program computes. `stored`: whether a value must be in memory.
  Fusions(const Plan& plan, const std::vector<ValueId>& values, const std::vector<char>& stored,
          const std::vector<std::vector<ValueId>>& readers);

  /// The map `id` with what is read by it alone taken into it.
  FusedMap fused(ValueId id) const;
  /// Whether its only reader computes it: a map, or a sum of a product of two vectors.
  bool is_taken(ValueId id) const;

 private:
  /// Which of the operands of `id` is taken into it, and the map that results.
  struct Taken {
    ValueId operand;
    FusedMap map;
  };
  std::optional<Taken> take(ValueId id) const;
  FusedMap alone(ValueId id) const;
  bool may_be_taken(ValueId id) const;
  bool is_product_of_vectors(ValueId id) const;

  const Plan& plan_;
  const std::vector<char>& stored_;
  const std::vector<std::vector<ValueId>>& readers_;
  std::vector<char> is_mine_;
};

}  // namespace unfold::recurrence
