#include "recurrence/plan/plan.h"

#include <algorithm>

#include "recurrence/plan/passes.h"
#include "recurrence/plan/products.h"
#include "recurrence/plan/programs.h"
#include "recurrence/plan/stacks.h"

namespace unfold::recurrence {
namespace {

void choose_input_kinds(Plan& plan) {
  const auto& inputs = plan.flow.graph->inputs;
  const Index rows = plan.workload.batch * plan.workload.steps;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    InputKind kind = InputKind::kDense;
    if (inputs[i].forces_state >= 0)
      kind = InputKind::kOneHot;  // what is forced on a state is a label
    else if (i == 0 && plan.workload.input == InputValues::Kind::kOneHot)
      kind = InputKind::kOneHot;
    else if (i == 0 && plan.workload.input == InputValues::Kind::kEmbedded) {
      // The table times the matrix has V rows, the embedded inputs times the matrix N: the smaller is computed.
      kind = plan.workload.vocabulary < rows ? InputKind::kTable : InputKind::kGathered;
    }
    plan.inputs.push_back(kind);
  }
}

/// Nobody asks for the gradient of a token.
void drop_token_gradients(Plan& plan) {
  if (!plan.flow.has_backward()) return;
  for (std::size_t i = 0; i < plan.inputs.size(); ++i) {
    if (plan.inputs[i] == InputKind::kOneHot) plan.flow.input_gradients[i] = kNoValue;
  }
  remove_dead(plan.flow);
}

/// Inputs that something reads as vectors: everything but products, and the gradients of parameters, that look them up.
void find_input_rows(Plan& plan) {
  plan.input_rows.assign(plan.inputs.size(), 0);
  const auto mark = [&](ValueId read) {
    const Value& value = plan.value(read);
    if (value.op == Op::kInput) plan.input_rows[at(value.index)] = 1;
  };
  for (const Value& value : plan.flow.values) {
    for (const ValueId operand : value.operands) mark(operand);
    for (const Term& term : value.terms) {
      if (!is_lookup(plan, term.operand)) mark(term.operand);
    }
  }
  for (const auto& step : plan.matrix_gradients) {
    if (!step.lookup) mark(step.operand);
  }
  if (plan.flow.output != kNoValue) mark(plan.flow.output);
}

/// Whether steps behind the loop of backward, or gradients of parameters and inputs, read the output's gradient, or
/// what has taken its place.
void find_last_read_of_output_gradient(Plan& plan) {
  if (plan.output_gradient_buffer < 0) return;
  const auto is_it = [&](ValueId id) {
    return id != kNoValue && plan.location(id).buffer == plan.output_gradient_buffer;
  };
  const auto reads_it = [&](const Value& value) {
    return value.pass == Pass::kBackward && value.when == When::kAfter && std::ranges::any_of(reads(value), is_it);
  };
  const auto adds_it = [&](const auto& step) { return std::ranges::any_of(step.gradients, is_it); };
  plan.reads_output_gradient_buffer_behind_loop =
      std::ranges::any_of(plan.flow.values, reads_it) || std::ranges::any_of(plan.matrix_gradients, adds_it) ||
      std::ranges::any_of(plan.vector_gradients, is_it, &VectorGradientStep::gradient) ||
      std::ranges::any_of(plan.flow.input_gradients, is_it) || std::ranges::any_of(plan.flow.given_gradients, is_it);
}

void emit_statistics(Plan& plan) {
  for (ValueId id = 0; id < plan.flow.count(); ++id) {
    const Value& value = plan.value(id);
    if (!is_statistic(value)) continue;
    plan.couples_rows = plan.couples_rows || value.op == Op::kTickMean;
    Step step;
    step.kind = Step::Kind::kStatistic;
    step.level = value.level;
    step.statistic.value = id;
    steps_of(value.pass == Pass::kForward ? plan.forward : plan.backward, value.when).push_back(std::move(step));
  }
}

void sort_by_level(Schedule& schedule) {
  for (auto* steps : {&schedule.once, &schedule.before, &schedule.inside, &schedule.after}) {
    std::stable_sort(steps->begin(), steps->end(), [](const Step& a, const Step& b) { return a.level < b.level; });
  }
}

}  // namespace

Stage stage_of(const Value& value) {
  if (value.pass == Pass::kForward) return Stage::kForward;
  return value.when == When::kAfter ? Stage::kBehindLoop : Stage::kBackward;
}

std::vector<Step>& steps_of(Schedule& schedule, When when) {
  switch (when) {
    case When::kOnce: return schedule.once;
    case When::kBefore: return schedule.before;
    case When::kInside: return schedule.inside;
    case When::kAfter: break;
  }
  return schedule.after;
}

Plan make_plan(const Graph& graph, const GradientGraph* gradient, const Workload& workload) {
  Plan plan;
  plan.workload = workload;
  plan.flow = make_flow(graph, gradient);
  choose_input_kinds(plan);
  drop_token_gradients(plan);
  collect_sums(plan.flow);
  recompute_cheap_values(plan.flow);
  find_tick_values(plan.flow);
  place(plan.flow);
  divide_sums(plan.flow);
  separate_next_values(plan.flow);
  sum_vector_gradients(plan.flow, workload);
  assign_levels(plan.flow);
  recompute_beside_readers(plan.flow);
  const auto products = find_product_groups(plan.flow);
  const auto gradients = find_gradient_groups(plan.flow);
  assign_buffers(plan, products, gradients);
  emit_products(plan, products);
  emit_parameter_gradients(plan, gradients);
  emit_statistics(plan);  // before the programs that read them at their level
  emit_programs(plan);
  find_input_rows(plan);
  find_last_read_of_output_gradient(plan);
  sort_by_level(plan.forward);
  sort_by_level(plan.backward);
  return plan;
}

}  // namespace unfold::recurrence
