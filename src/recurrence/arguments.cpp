#include "recurrence/arguments.h"

#include <fmt/format.h>

#include "unfold/error.h"

namespace unfold::recurrence {
namespace {

template <class... Parts>
void expect(bool holds, fmt::format_string<Parts...> format, Parts&&... parts) {
  if (!holds) throw ContractError("Recurrence::forward: " + fmt::format(format, std::forward<Parts>(parts)...));
}

void check_tokens(const InputDeclaration& declaration, const InputValues& input, Index rows, Index symbols) {
  const std::string& name = declaration.name;
  expect(static_cast<Index>(input.tokens.size()) == rows, "input {} has {} tokens, expected one per row, N = {}", name,
         input.tokens.size(), rows);
  for (const std::int32_t token : input.tokens) {
    expect(token >= -1 && token < symbols, "token {} of input {} is not in [0, V = {})", token, name, symbols);
  }
}

void check_input(const InputDeclaration& declaration, const InputValues& input, Index rows) {
  const std::string& name = declaration.name;
  const Index size = declaration.shape.count();
  if (input.kind == InputValues::Kind::kOneHot) return check_tokens(declaration, input, rows, size);
  expect(input.values != nullptr, "input {} has no values", name);
  const Shape& shape = input.values->shape();
  if (input.kind == InputValues::Kind::kDense) {
    expect(shape == Shape{rows, size}, "input {} has shape {}, expected [N = {}, I = {}]", name, shape.text(), rows,
           size);
    return;
  }
  expect(shape.rank() == 2 && shape[1] == size, "the table of input {} has shape {}, expected [V, I = {}]", name,
         shape.text(), size);
  check_tokens(declaration, input, rows, shape[0]);
}

/// A value per sequence: [B, size].
void check_per_sequence(const std::string& what, const Tensor& tensor, Index batch, Index size) {
  expect(tensor.shape() == Shape{batch, size}, "{} has shape {}, expected [B = {}, {}]", what, tensor.shape().text(),
         batch, size);
}

}  // namespace

void check_arguments(const Graph& graph, const ForwardArguments& arguments) {
  expect(arguments.unrolling != nullptr, "no unrolling is given");
  const Index rows = arguments.unrolling->rows();
  const Index batch = arguments.unrolling->batch();
  expect(arguments.inputs.size() >= graph.inputs.size(), "cell {} reads {} inputs, {} are given", graph.cell,
         graph.inputs.size(), arguments.inputs.size());
  for (std::size_t i = 0; i < graph.inputs.size(); ++i) check_input(graph.inputs[i], arguments.inputs[i], rows);
  expect(arguments.givens.size() == graph.givens.size(), "cell {} reads {} given values, {} are passed", graph.cell,
         graph.givens.size(), arguments.givens.size());
  for (std::size_t i = 0; i < graph.givens.size(); ++i) {
    check_per_sequence("given " + graph.givens[i].name, *arguments.givens[i], batch, graph.givens[i].shape.count());
  }
  expect(arguments.begins.empty() || static_cast<Index>(arguments.begins.size()) == batch,
         "begins has {} entries, expected none or one per sequence, B = {}", arguments.begins.size(), batch);
  if (arguments.initial == nullptr) return;
  const CellState& initial = *arguments.initial;
  expect(initial.size() == graph.states.size(), "cell {} has {} states, {} are given", graph.cell, graph.states.size(),
         initial.size());
  for (std::size_t s = 0; s < graph.states.size(); ++s) {
    check_per_sequence("state " + graph.states[s].name, initial[s], batch, graph.states[s].shape.count());
  }
}

}  // namespace unfold::recurrence
