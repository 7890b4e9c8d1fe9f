#include "recurrence/plan/explain.h"

#include <fmt/format.h>

#include <algorithm>

#include "recurrence/plan/cost.h"

namespace unfold::recurrence {
namespace {

std::string leaf_name(const Plan& plan, const Value& value) {
  const Graph& graph = *plan.flow.graph;
  switch (value.op) {
    case Op::kInput: return graph.inputs[at(value.index)].name;
    case Op::kState: return graph.states[at(value.index)].name;
    case Op::kGiven: return graph.givens[at(value.index)].name;
    case Op::kParameter: return graph.parameters[at(value.index)].name;
    case Op::kMask: return "mask of " + graph.masks[at(value.index)].site;
    case Op::kOutputGradient: return "doutput";
    case Op::kNextGradient: return "d" + graph.states[at(value.index)].name + "'";
    case Op::kNumber: return fmt::format("{:g}", value.number);
    default: return {};
  }
}

/// The name of a value; of one without a name the expression, as far as `depth` goes, then its number.
std::string name_of(const Plan& plan, ValueId id, int depth = 1) {
  const Value& value = plan.value(id);
  if (is_leaf(value)) return leaf_name(plan, value);
  if (!value.name.empty()) return value.name;
  if (depth == 0 || value.op != Op::kMap) return fmt::format("%{}", id);
  const auto operand = [&](std::size_t i) { return name_of(plan, value.operands[i], depth - 1); };
  switch (value.function) {
    case kernels::Function::kAdd: return fmt::format("({} + {})", operand(0), operand(1));
    case kernels::Function::kSubtract: return fmt::format("({} - {})", operand(0), operand(1));
    case kernels::Function::kMultiply: return fmt::format("({} * {})", operand(0), operand(1));
    case kernels::Function::kDivide: return fmt::format("({} / {})", operand(0), operand(1));
    default: break;
  }
  std::string list;
  for (std::size_t i = 0; i < value.operands.size(); ++i) list += (i == 0 ? "" : ", ") + operand(i);
  return fmt::format("{}({})", kernels::name(value.function), list);
}

std::string names_of(const Plan& plan, const std::vector<ValueId>& ids) {
  std::string text;
  for (const ValueId id : ids) text += (text.empty() ? "" : ", ") + name_of(plan, id);
  return text;
}

std::string matrices_of(const Plan& plan, const ProductStep& step) {
  std::string text;
  for (const auto& block : step.blocks) {
    const std::string& name = plan.flow.graph->parameters[at(block.parameter)].name;
    text += fmt::format("{}{}{}{}", text.empty() ? "" : ", ", block.drop > 0 ? "dropped " : "", name,
                        block.transposed ? "ᵀ" : "");
  }
  return text;
}

std::string count_text(double count) {
  if (count >= 1e9) return fmt::format("{:.2f} G", count / 1e9);
  if (count >= 1e6) return fmt::format("{:.2f} M", count / 1e6);
  if (count >= 1e3) return fmt::format("{:.1f} k", count / 1e3);
  return fmt::format("{:.0f} ", count);
}

/// Rows that a step outside (`all`) or inside the loop works on at a time.
Index rows_of(const Plan& plan, bool all) {
  return all ? plan.workload.batch * plan.workload.steps : plan.workload.batch;
}

std::string describe_product(const Plan& plan, const ProductStep& step, bool all) {
  const Index rows = rows_of(plan, all);
  const std::string sides =
      fmt::format("[{}] {} {}", matrices_of(plan, step), step.lookup ? "at token" : "·", names_of(plan, step.operands));
  if (step.lookup) {
    const Index input = plan.value(step.operands[0]).index;
    const bool table = plan.inputs[at(input)] == InputKind::kTable;
    return fmt::format("look up  {}  rows of {} [{}, {}]{}", sides, table ? "table · matrices" : "matrices",
                       table ? plan.workload.vocabulary : step.k, step.n,
                       step.accumulate         ? ", added"
                       : step.is_read_in_place ? ", read there"
                                               : "");
  }
  return fmt::format("product  {}  [{}, {}] x [{}, {}], {}FLOP{}", sides, rows, step.k, step.k, step.n,
                     count_text(2.0 * static_cast<double>(rows * step.k) * static_cast<double>(step.n)),
                     step.accumulate ? ", added" : "");
}

std::string describe_program(const Plan& plan, const Program& program) {
  std::vector<ValueId> reads;
  std::vector<ValueId> writes;
  for (const ValueId id : program.memory) {
    const bool mine = std::find(program.values.begin(), program.values.end(), id) != program.values.end();
    (mine ? writes : reads).push_back(id);
  }
  const int sweeps = program.sweeps;
  return fmt::format("fused    {} instructions on rows of {}, in {} sweep{}; reads {}; writes {}", program.code.size(),
                     program.width, sweeps, sweeps == 1 ? "" : "s", names_of(plan, reads), names_of(plan, writes));
}

std::string describe_statistic(const Plan& plan, const StatisticStep& step) {
  const bool stored = plan.value(step.value).op == Op::kTickRow;
  const std::string name = name_of(plan, step.value);
  return stored ? fmt::format("look up  {}, what is stored for the tick", name)
                : fmt::format("mean     {}, over the rows of the tick", name);
}

void append_steps(const Plan& plan, const std::vector<Step>& steps, const std::string& title, bool all,
                  std::string& text) {
  if (steps.empty()) return;
  text += fmt::format("  {}\n", title);
  for (const Step& step : steps) {
    std::string line;
    switch (step.kind) {
      case Step::Kind::kProduct: line = describe_product(plan, step.product, all); break;
      case Step::Kind::kProgram: line = describe_program(plan, plan.programs[at(step.program.program)]); break;
      case Step::Kind::kStatistic: line = describe_statistic(plan, step.statistic); break;
    }
    text += fmt::format("    {}\n", line);
  }
}

/// The vectors whose gradients the step has at hand.
std::string describe_sums(const Plan& plan, const MatrixGradientStep& step) {
  std::vector<std::string> names;
  const auto add = [&](Index parameter) { names.push_back(plan.flow.graph->parameters[at(parameter)].name); };
  for (const auto& vector : step.vectors) add(vector.parameter);
  for (const auto& block : step.blocks) {
    if (block.vector >= 0) add(block.vector);
  }
  return names.empty() ? "" : fmt::format(", and column sums for {}", fmt::join(names, ", "));
}

}  // namespace

std::string explain(const Plan& plan) {
  const Graph& graph = *plan.flow.graph;
  std::string text = fmt::format("plan of {}: batch {}, unroll {}, output {}\n", graph.cell, plan.workload.batch,
                                 plan.workload.steps, plan.value(plan.flow.output).size);
  const auto schedule = [&](const Schedule& steps, const std::string& name) {
    text += name + "\n";
    append_steps(plan, steps.once, "once per sequence", false, text);
    append_steps(plan, steps.before, fmt::format("before the loop, all {} rows at once", rows_of(plan, true)), true,
                 text);
    append_steps(plan, steps.inside, fmt::format("inside the loop, {} rows a tick", rows_of(plan, false)), false, text);
    append_steps(plan, steps.after, fmt::format("after the loop, all {} rows at once", rows_of(plan, true)), true,
                 text);
  };
  schedule(plan.forward, "forward");
  if (plan.flow.has_backward()) {
    schedule(plan.backward, "backward");
    text += "parameter gradients, after the loop\n";
    for (const auto& step : plan.matrix_gradients) {
      text += fmt::format("    {}  [{}]ᵀ {}  [{}, {}] over {} rows{}\n", step.lookup ? "scatter" : "product",
                          names_of(plan, step.gradients), name_of(plan, step.operand), step.rows, step.columns,
                          rows_of(plan, true), describe_sums(plan, step));
    }
    std::vector<ValueId> vectors;
    for (const auto& step : plan.vector_gradients) vectors.push_back(step.gradient);
    if (!vectors.empty()) text += fmt::format("    column sums  {}\n", names_of(plan, vectors));
    text += fmt::format("kept for backward: {} values per row and tick\n", kept_per_row(plan));
  }
  text +=
      fmt::format("memory: {}B in {} buffers; products: {}FLOP per step\n", count_text(buffer_bytes(plan)),
                  std::ranges::count(plan.buffers, false, &Buffer::is_callers), count_text(product_operations(plan)));
  return text;
}

}  // namespace unfold::recurrence
