// Define-by-run differentiation of everything around the recurrence: embeddings, linear maps, losses.
//
// A tape is a flat array of operations in the order they ran; backward is one loop over it in reverse. An unfolded
// recurrence is one operation, so a training step of a language model is about ten of them, whatever its length.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <initializer_list>
#include <optional>
#include <span>
#include <vector>

#include "unfold/parameter.h"
#include "unfold/tensor.h"

namespace unfold {

/// A value on a tape: an index, valid until the tape is cleared.
class Variable {
 public:
  Variable() = default;

 private:
  friend class Tape;
  explicit Variable(std::size_t index) : index_(index) {}
  std::size_t index_ = static_cast<std::size_t>(-1);
};

class Tape {
 public:
  /// kOff computes values only: nothing is kept for backward.
  enum class Recording : std::uint8_t { kOn, kOff };
  explicit Tape(Recording recording = Recording::kOn) : recording_(recording == Recording::kOn) {}
  Tape(const Tape&) = delete;
  Tape& operator=(const Tape&) = delete;

  /// Forgets all variables and operations.
  void clear();
  bool recording() const { return recording_; }

  /// A value without gradient, and a value whose gradient can be read after `backward`.
  Variable constant(Tensor value);
  Variable leaf(Tensor value);
  /// The parameter's value, not copied; backward adds to the parameter's gradient, if it is trainable.
  Variable parameter(Parameter& parameter);

  /// Throws ContractError where a later operation has consumed the value. The reference stays valid until `clear`.
  const Tensor& value(Variable variable) const;
  const Shape& shape(Variable variable) const { return value(variable).shape(); }
  bool needs_gradient(Variable variable) const { return at(variable).needs_gradient; }

  /// Runs all derivatives, last operation first, from dL/dL = 1; `loss` has one element. Once per recording.
  void backward(Variable loss);
  /// The same from dL/doutput = `gradient`, of the shape of `output`.
  void backward(Variable output, Tensor gradient);
  /// dL/dleaf after backward; null where the loss does not depend on it. Inner variables' gradients are not kept.
  const Tensor* gradient(Variable leaf) const;

  // What operations are made of.

  /// Computes the gradients of the operands from that of the result, which it may overwrite.
  using Derivative = std::function<void(Tape&, Tensor dy)>;
  /// The same for several results; a result that the loss does not depend on has none.
  using JointDerivative = std::function<void(Tape&, std::span<std::optional<Tensor>> dys)>;
  /// Adds the result of an operation. It needs a gradient if one of the operands does; otherwise, or where nothing is
  /// recorded, the derivative is dropped.
  Variable record(Tensor value, std::span<const Variable> operands, Derivative derivative);
  Variable record(Tensor value, std::initializer_list<Variable> operands, Derivative derivative);
  std::vector<Variable> record(std::vector<Tensor> values, std::span<const Variable> operands,
                               JointDerivative derivative);
  /// True if `record` would keep a derivative for these operands.
  bool would_record(std::span<const Variable> operands) const;

  /// dL/dvariable += gradient, from within a derivative; does nothing where the variable needs none.
  void add_gradient(Variable variable, Tensor gradient);
  /// The value, to be overwritten: taken away from an operation's result, so that reading it afterwards is a
  /// ContractError; a copy of any other variable's.
  Tensor consume(Variable variable);

 private:
  struct Slot {
    Tensor value;
    std::optional<Tensor> gradient;
    Parameter* parameter = nullptr;  // whose value this is
    bool needs_gradient = false;
    bool inner = false;  // the result of an operation
    bool consumed = false;
  };
  struct Operation {
    std::size_t first_result = 0;
    std::size_t result_count = 0;
    JointDerivative derivative;
  };

  Slot& at(Variable variable);
  const Slot& at(Variable variable) const;
  Variable add_slot(Tensor value);
  void run(Operation& operation);

  bool recording_ = true;
  std::deque<Slot> slots_;  // a deque, so that references to values stay valid while the tape grows
  std::size_t used_ = 0;    // slots of this step; those behind are empty
  std::vector<Operation> operations_;
};

// The operations. Shapes are checked; a mismatch is a ContractError.

/// a + b, a - b and a * b, elementwise; same shapes.
Variable add(Tape& tape, Variable a, Variable b);
Variable subtract(Tape& tape, Variable a, Variable b);
Variable multiply(Tape& tape, Variable a, Variable b);

/// [a, b, ...]: [N, F_1], [N, F_2], ... -> [N, F_1 + F_2 + ...].
Variable concatenate(Tape& tape, std::span<const Variable> parts);

/// Columns begin to end - 1 of x [N, F], 0 <= begin < end <= F: [N, end - begin].
Variable columns(Tape& tape, Variable x, Index begin, Index end);

/// Rows of x [N, F], in the order of `rows`, each 0 <= row < N; one may be chosen several times: [M, F].
Variable select_rows(Tape& tape, Variable x, std::span<const Index> rows);

/// factor x.
Variable scale(Tape& tape, Variable x, double factor);

/// Sum and mean of all elements: a scalar.
Variable sum(Tape& tape, Variable x);
Variable mean(Tape& tape, Variable x);

/// Inverted dropout of rows [N, F] (Srivastava et al. 2014): each element becomes 0 with probability `rate` in [0, 1),
/// else x / (1 - rate). The mask of row n is a pure function of (keys[n], column): rows of one key share a mask.
Variable dropout(Tape& tape, Variable x, double rate, std::span<const std::uint64_t> keys);

/// factors[n] x_n for every row n of [N, F].
Variable scale_rows(Tape& tape, Variable x, std::span<const float> factors);

/// Mean of the squares of all elements: a scalar, 0 where there are none.
Variable mean_square(Tape& tape, Variable x);

/// Rows of `table` [V, I], one per token: [N, I]. Tokens are in [0, V).
Variable embedding(Tape& tape, Parameter& table, std::span<const std::int32_t> tokens);

/// Tokens in [0, symbols) as vectors with one 1: [N, symbols], without gradient.
Variable one_hot(Tape& tape, std::span<const std::int32_t> tokens, Index symbols);

/// Mean over the rows of the cross-entropy of softmax(logits) to the target, in nats: [N, V] and N targets in [0, V) ->
/// a scalar. With `smoothing` E in [0, 1) the label is 1 - E of the target and E of the uniform distribution (Szegedy
/// et al. 2015); `nats`, if given, receives the mean of -log softmax(logits)[target] alone. When recorded it consumes
/// the logits: their gradient is computed in their place.
Variable softmax_cross_entropy(Tape& tape, Variable logits, std::span<const std::int32_t> targets, double smoothing = 0,
                               double* nats = nullptr);

/// Mean over the N rows of the squared distance |y_n - target_n|^2: [N, F] and [N, F] -> a scalar. Here and below a
/// target that is NaN is missing: its element costs nothing.
Variable squared_error(Tape& tape, Variable y, const Tensor& targets);

/// Mean over the N rows of -log p(target_n), in nats, where the F elements of a row are independent bits with
/// p(1) = sigmoid(logit): [N, F] and targets [N, F] in [0, 1] -> a scalar.
Variable bernoulli_cross_entropy(Tape& tape, Variable logits, const Tensor& targets);

}  // namespace unfold
