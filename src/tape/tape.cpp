// The tape: recording, and the reverse loop.
#include "unfold/tape.h"

#include <fmt/core.h>

#include <algorithm>
#include <utility>

#include "tensor/kernels/map.h"
#include "unfold/error.h"

namespace unfold {

namespace {

void add_to(Tensor& sum, const Tensor& term) {
  static const kernels::MapKernel kAdd = kernels::map_kernel(kernels::Function::kAdd);
  kAdd(sum.data(), sum.data(), term.data(), nullptr, sum.count());
}

}  // namespace

Tape::Slot& Tape::at(Variable variable) { return const_cast<Slot&>(std::as_const(*this).at(variable)); }

const Tape::Slot& Tape::at(Variable variable) const {
  if (variable.index_ >= used_) throw ContractError("a variable was used that is not, or no longer, on this tape");
  return slots_[variable.index_];
}

void Tape::clear() {
  operations_.clear();
  for (std::size_t i = 0; i < used_; ++i) slots_[i] = Slot{};
  used_ = 0;
}

Variable Tape::add_slot(Tensor value) {
  if (used_ == slots_.size()) slots_.emplace_back();
  slots_[used_].value = std::move(value);
  return Variable(used_++);
}

Variable Tape::constant(Tensor value) { return add_slot(std::move(value)); }

Variable Tape::leaf(Tensor value) {
  const Variable variable = add_slot(std::move(value));
  at(variable).needs_gradient = recording_;
  return variable;
}

Variable Tape::parameter(Parameter& parameter) {
  const Variable variable = add_slot(Tensor());
  at(variable).parameter = &parameter;
  at(variable).needs_gradient = recording_ && parameter.trainable();
  return variable;
}

const Tensor& Tape::value(Variable variable) const {
  const Slot& slot = at(variable);
  if (slot.consumed) throw ContractError("the value of this variable was consumed by a later operation");
  return slot.parameter == nullptr ? slot.value : std::as_const(*slot.parameter).value();
}

const Tensor* Tape::gradient(Variable leaf) const {
  const Slot& slot = at(leaf);
  return slot.gradient ? &*slot.gradient : nullptr;
}

bool Tape::would_record(std::span<const Variable> operands) const {
  return recording_ && std::any_of(operands.begin(), operands.end(), [this](Variable v) { return needs_gradient(v); });
}

Variable Tape::record(Tensor value, std::span<const Variable> operands, Derivative derivative) {
  std::vector<Tensor> values;
  values.push_back(std::move(value));
  JointDerivative joint;
  if (would_record(operands)) {
    joint = [derivative = std::move(derivative)](Tape& tape, std::span<std::optional<Tensor>> dys) {
      derivative(tape, *std::move(dys[0]));
    };
  }
  return record(std::move(values), operands, std::move(joint)).front();
}

Variable Tape::record(Tensor value, std::initializer_list<Variable> operands, Derivative derivative) {
  return record(std::move(value), std::span(operands.begin(), operands.size()), std::move(derivative));
}

std::vector<Variable> Tape::record(std::vector<Tensor> values, std::span<const Variable> operands,
                                   JointDerivative derivative) {
  const bool needed = would_record(operands);
  if (needed) operations_.push_back({used_, values.size(), std::move(derivative)});
  std::vector<Variable> results;
  for (Tensor& value : values) {
    results.push_back(add_slot(std::move(value)));
    at(results.back()).inner = true;
    at(results.back()).needs_gradient = needed;
  }
  return results;
}

void Tape::add_gradient(Variable variable, Tensor gradient) {
  Slot& slot = at(variable);
  if (!slot.needs_gradient) return;
  if (!slot.consumed && gradient.shape() != shape(variable)) {
    throw ContractError(
        fmt::format("a gradient has shape {}, its value {}", gradient.shape().text(), shape(variable).text()));
  }
  if (slot.parameter != nullptr) {
    add_to(slot.parameter->gradient(), gradient);
  } else if (slot.gradient) {
    add_to(*slot.gradient, gradient);
  } else {
    slot.gradient = std::move(gradient);
  }
}

Tensor Tape::consume(Variable variable) {
  if (!at(variable).inner) return value(variable);
  Slot& slot = at(variable);
  if (slot.consumed) throw ContractError("the value of this variable was consumed by another operation");
  slot.consumed = true;
  Tensor value = std::move(slot.value);
  return value.is_shared() ? Tensor(value) : std::move(value);
}

void Tape::backward(Variable loss) {
  if (value(loss).count() != 1) {
    throw ContractError(fmt::format("backward starts from a scalar loss, not from shape {}", shape(loss).text()));
  }
  Tensor one = Tensor::uninitialised(shape(loss));
  one.fill(1.0F);
  backward(loss, std::move(one));
}

void Tape::backward(Variable output, Tensor gradient) {
  if (!recording_) throw ContractError("backward needs a tape that records");
  add_gradient(output, std::move(gradient));
  while (!operations_.empty()) {
    Operation operation = std::move(operations_.back());
    operations_.pop_back();
    run(operation);
  }
}

void Tape::run(Operation& operation) {
  std::vector<std::optional<Tensor>> dys(operation.result_count);
  bool reached = false;
  for (std::size_t i = 0; i < dys.size(); ++i) {
    Slot& slot = slots_[operation.first_result + i];
    reached = reached || slot.gradient.has_value();
    dys[i] = std::exchange(slot.gradient, std::nullopt);
  }
  if (reached) operation.derivative(*this, dys);
}

}  // namespace unfold
