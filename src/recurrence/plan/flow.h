// What the planning passes work on: the values of the forward step and of the backward step in one list, so that the
// same passes place, stack and fuse both. A value's operands have smaller numbers.
#pragma once

#include <string>
#include <vector>

#include "recurrence/gradient.h"
#include "recurrence/graph/graph.h"

namespace unfold::recurrence {

using ValueId = std::int32_t;
inline constexpr ValueId kNoValue = -1;

enum class Pass : std::uint8_t { kForward, kBackward };

/// When a value is computed, relative to the loop over ticks of its pass.
enum class When : std::uint8_t { kOnce, kBefore, kInside, kAfter };  // kOnce: per sequence, not per tick

/// One matrix product in a sum of products: W[:, begin : begin + size] operand, or its transpose.
struct Term {
  Index parameter = 0;
  Index begin = 0;
  bool transposed = false;
  double drop = 0;  // rate of weight drop
  ValueId operand = kNoValue;
};

struct Value {
  Op op = Op::kNumber;
  kernels::Function function = kernels::Function::kIdentity;
  std::vector<ValueId> operands;  // of everything but sums of products
  std::vector<Term> terms;        // op == kProduct: this value is the sum of these products
  Index size = 0;
  Index index = 0;  // of leaves
  Index begin = 0;  // of kSlice, kPad
  double number = 0;
  std::string name;
  Pass pass = Pass::kForward;
  When when = When::kBefore;
  bool per_tick = false;  // the same for all rows of a tick, and computed once for them
  int level = 0;  // order within `when`: elementwise programs at even levels, products and what is per tick at odd ones
};

struct Flow {
  const Graph* graph = nullptr;  // the forward graph: declarations
  std::vector<Value> values;
  ValueId output = kNoValue;
  std::vector<ValueId> next;  // per state: its next value
  // Of the backward step; empty in a plan for evaluation.
  std::vector<ValueId> message;          // per state: gradient of its previous value
  std::vector<ValueId> input_gradients;  // per input, kNoValue where none
  std::vector<ValueId> given_gradients;
  struct ParameterPart {
    Index parameter = 0;
    ValueId gradient = kNoValue;
    ValueId operand = kNoValue;  // kNoValue for a vector
    Index begin = 0;
    double drop = 0;  // rate of weight drop
  };
  std::vector<ParameterPart> parameter_parts;
  // Per state, whether it is part of the recurrence proper: forward, on a cycle or between two; backward, whether it
  // sends a message at all. A state that sends none receives only the gradient of its final value.
  std::vector<char> looping;
  std::vector<char> sends_message;

  Value& operator[](ValueId id) { return values[static_cast<std::size_t>(id)]; }
  const Value& operator[](ValueId id) const { return values[static_cast<std::size_t>(id)]; }
  ValueId count() const { return static_cast<ValueId>(values.size()); }
  bool has_backward() const { return !message.empty(); }
};

bool is_leaf(const Value& value);
inline bool is_product(const Value& value) { return value.op == Op::kProduct; }
/// A tick's statistic: taken over its rows, or stored. Computed by a step of its own, as products are.
inline bool is_statistic(const Value& value) { return value.op == Op::kTickMean || value.op == Op::kTickRow; }
/// Computed by an elementwise program: a map, a reduction, a change of structure, or a sum over rows that grows row by
/// row.
bool is_elementwise(const Value& value);

/// All values `value` reads: operands and the operands of its terms.
std::vector<ValueId> reads(const Value& value);
/// Replaces every read of a by b, in values and roles.
void replace_reads(Flow& flow, ValueId from, ValueId to);
/// For every value, the values that read it. Roles (output, next, ...) do not count.
std::vector<std::vector<ValueId>> readers(const Flow& flow);
/// Whether a value has a role: it is needed after its step whoever reads it.
std::vector<char> has_role(const Flow& flow);
/// Removes values nobody needs and renumbers in topological order.
void remove_dead(Flow& flow);

/// The flow of a graph, and of its gradient unless null.
Flow make_flow(const Graph& graph, const GradientGraph* gradient);

}  // namespace unfold::recurrence
