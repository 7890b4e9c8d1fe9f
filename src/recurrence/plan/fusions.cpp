#include "recurrence/plan/fusions.h"

#include <algorithm>
#include <array>

namespace unfold::recurrence {
namespace {

using kernels::Function;

/// outer(inner(...), ...) is fused(what inner reads, then what outer reads beside it). Where operands of the outer
/// function may change places, inner may be any of them.
struct Fusion {
  Function outer, inner, fused;
};

/// An earlier one is preferred.
constexpr std::array kFusions = {
    Fusion{Function::kAdd, Function::kMultiply, Function::kMultiplyAdd},
    Fusion{Function::kAdd, Function::kAdd, Function::kAddThree},
    Fusion{Function::kSubtract, Function::kMultiply, Function::kMultiplySubtract},
    Fusion{Function::kSigmoid, Function::kAddThree, Function::kSigmoidOfSum},
    Fusion{Function::kSigmoid, Function::kAdd, Function::kSigmoidOfSum},
    Fusion{Function::kSigmoid, Function::kMultiplyAdd, Function::kSigmoidOfMultiplyAdd},
    Fusion{Function::kTanh, Function::kAddThree, Function::kTanhOfSum},
    Fusion{Function::kTanh, Function::kAdd, Function::kTanhOfSum},
    Fusion{Function::kTanh, Function::kMultiplyAdd, Function::kTanhOfMultiplyAdd},
    Fusion{Function::kRelu, Function::kAddThree, Function::kReluOfSum},
    Fusion{Function::kRelu, Function::kAdd, Function::kReluOfSum},
    Fusion{Function::kSigmoidSlope, Function::kMultiply, Function::kSigmoidSlopeOfProduct},
    Fusion{Function::kSigmoidSlope, Function::kAdd, Function::kSigmoidSlopeOfSum},
    Fusion{Function::kTanhSlope, Function::kMultiply, Function::kTanhSlopeOfProduct},
    Fusion{Function::kTanhSlope, Function::kAdd, Function::kTanhSlopeOfSum},
    Fusion{Function::kReluSlope, Function::kAdd, Function::kReluSlopeOfSum},
};

bool may_change_places(Function function) { return function == Function::kAdd; }

}  // namespace

Fusions::Fusions(const Plan& plan, const std::vector<ValueId>& values, const std::vector<char>& stored,
                 const std::vector<std::vector<ValueId>>& readers)
    : plan_(plan), stored_(stored), readers_(readers), is_mine_(stored.size(), 0) {
  for (const ValueId id : values) is_mine_[at(id)] = 1;
}

FusedMap Fusions::fused(ValueId id) const {
  if (auto taken = take(id)) return std::move(taken->map);
  return alone(id);
}

FusedMap Fusions::alone(ValueId id) const {
  const Value& value = plan_.value(id);
  if (value.op == Op::kTickSum) return {Function::kAdd, {value.operands[0], id}};
  return {value.function, value.operands};
}

bool Fusions::is_taken(ValueId id) const {
  if (!may_be_taken(id)) return false;
  if (plan_.value(readers_[at(id)][0]).op == Op::kSum) return is_product_of_vectors(id);
  const auto taken = take(readers_[at(id)][0]);
  return taken && taken->operand == id;
}

bool Fusions::is_product_of_vectors(ValueId id) const {
  const FusedMap map = fused(id);
  return map.function == Function::kMultiply && std::ranges::all_of(map.operands, [&](ValueId operand) {
           return plan_.value(operand).size == plan_.value(id).size;
         });
}

bool Fusions::may_be_taken(ValueId id) const {
  const bool is_read_once = plan_.value(id).op == Op::kMap && stored_[at(id)] == 0 && readers_[at(id)].size() == 1;
  return is_read_once && is_mine_[at(id)] != 0 && is_mine_[at(readers_[at(id)][0])] != 0;
}

std::optional<Fusions::Taken> Fusions::take(ValueId id) const {
  const Value& value = plan_.value(id);
  if (value.op != Op::kMap && value.op != Op::kTickSum) return std::nullopt;
  const FusedMap outer = alone(id);
  for (const Fusion& fusion : kFusions) {
    if (fusion.outer != outer.function) continue;
    const std::size_t places = may_change_places(outer.function) ? outer.operands.size() : 1;
    for (std::size_t i = 0; i < places; ++i) {
      const ValueId operand = outer.operands[i];
      if (!may_be_taken(operand) || plan_.value(operand).size != value.size) continue;
      if (std::ranges::count(outer.operands, operand) > 1) continue;
      FusedMap map = fused(operand);
      if (map.function != fusion.inner) continue;
      map.function = fusion.fused;
      for (std::size_t j = 0; j < outer.operands.size(); ++j) {
        if (j != i) map.operands.push_back(outer.operands[j]);
      }
      map.operands.resize(static_cast<std::size_t>(kernels::arity(fusion.fused)), FusedMap::kZero);
      return Taken{operand, std::move(map)};
    }
  }
  return std::nullopt;
}

}  // namespace unfold::recurrence
