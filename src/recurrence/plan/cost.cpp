#include "recurrence/plan/cost.h"

#include <algorithm>
#include <set>
#include <tuple>

namespace unfold::recurrence {
namespace {

double all_rows(const Plan& plan) { return static_cast<double>(plan.workload.batch * plan.workload.steps); }

/// Multiplications and additions of a product [rows, k] [k, n].
double operations(double rows, Index k, Index n) {
  return 2.0 * rows * static_cast<double>(k) * static_cast<double>(n);
}

/// Of a look-up by tokens only the product with the table of their embedding is one.
double multiplied_rows(const Plan& plan, bool lookup, ValueId operand, double rows) {
  if (!lookup) return rows;
  const bool table = plan.inputs[at(plan.value(operand).index)] == InputKind::kTable;
  return table ? static_cast<double>(plan.workload.vocabulary) : 0;
}

double operations_of(const Plan& plan, const std::vector<Step>& steps, double rows) {
  double total = 0;
  for (const Step& step : steps) {
    if (step.kind != Step::Kind::kProduct) continue;
    const ProductStep& product = step.product;
    total += operations(multiplied_rows(plan, product.lookup, product.operands[0], rows), product.k, product.n);
  }
  return total;
}

double outside_operations(const Plan& plan) {
  double total = 0;
  for (const Schedule* schedule : {&plan.forward, &plan.backward}) {
    total += operations_of(plan, schedule->before, all_rows(plan)) +
             operations_of(plan, schedule->after, all_rows(plan)) +
             operations_of(plan, schedule->once, static_cast<double>(plan.workload.batch));
  }
  for (const MatrixGradientStep& step : plan.matrix_gradients) {
    total += operations(multiplied_rows(plan, step.lookup, step.operand, all_rows(plan)), step.rows, step.columns);
  }
  return total;
}

double loop_operations(const Plan& plan) {
  return operations_of(plan, plan.forward.inside, all_rows(plan)) +
         operations_of(plan, plan.backward.inside, all_rows(plan));
}

/// What a program must fetch from memory or send there: rows of ticks. The previous state and the message of the tick
/// behind have just been written and are still in the cache; parameters and givens stay there.
bool is_streamed(const Plan& plan, ValueId id) {
  const Value& value = plan.value(id);
  if (value.op == Op::kInput) return true;
  if (plan.location(id).buffer < 0) return false;
  const Rows rows = plan.buffer(id).rows;
  return rows == Rows::kTick || rows == Rows::kState;
}

double loop_bytes(const Plan& plan) {
  double values = 0;
  for (const Schedule* schedule : {&plan.forward, &plan.backward}) {
    for (const Step& step : schedule->inside) {
      if (step.kind != Step::Kind::kProgram) continue;
      for (const ValueId id : plan.programs[at(step.program.program)].memory) {
        if (is_streamed(plan, id)) values += static_cast<double>(plan.value(id).size);
      }
    }
  }
  return values * all_rows(plan) * sizeof(float);
}

/// Shapes [m, k] [k, n] of the products, each once: of a tick inside the loop, of all rows outside.
std::vector<PlanCost::Product> products_of(const Plan& plan) {
  std::set<std::tuple<Index, Index, Index>> shapes;
  const Index rows = plan.workload.batch * plan.workload.steps;
  const auto add = [&](const std::vector<Step>& steps, Index m) {
    for (const Step& step : steps) {
      if (step.kind == Step::Kind::kProduct && !step.product.lookup) shapes.insert({m, step.product.n, step.product.k});
    }
  };
  for (const Schedule* schedule : {&plan.forward, &plan.backward}) {
    add(schedule->inside, plan.workload.batch);
    add(schedule->before, rows);
    add(schedule->after, rows);
  }
  for (const MatrixGradientStep& step : plan.matrix_gradients) {
    if (!step.lookup) shapes.insert({step.rows, step.columns, rows});
  }
  std::vector<PlanCost::Product> list;
  for (const auto& [m, n, k] : shapes) list.push_back({m, n, k});
  return list;
}

/// Every product of the equations as they are written, forward and, twice as much, backward.
double written_operations(const Graph& graph, double rows) {
  double total = 0;
  for (const Node& node : graph.nodes) {
    if (node.op == Op::kProduct) total += operations(rows, graph[node.operands[1]].size(), node.size());
  }
  return 3 * total;
}

/// Values of parameters that a step of one row reads: of a matrix that is applied to tokens alone one column.
Index values_read_by_step(const Graph& graph, const Workload& workload) {
  std::vector<char> whole(graph.parameters.size(), 0);
  std::vector<char> column(graph.parameters.size(), 0);
  for (const Node& node : graph.nodes) {
    const bool of_token = node.op == Op::kProduct && graph[node.operands[1]].op == Op::kInput &&
                          workload.input != InputValues::Kind::kDense;
    for (const NodeId operand : node.operands) {
      if (graph[operand].op == Op::kParameter) (of_token ? column : whole)[at(graph[operand].index)] = 1;
    }
  }
  Index total = 0;
  for (std::size_t p = 0; p < graph.parameters.size(); ++p) {
    const Shape& shape = graph.parameters[p].shape;
    if (whole[p] || column[p]) total += whole[p] ? shape.count() : shape[0];
  }
  return total;
}

}  // namespace

Index kept_per_row(const Plan& plan) {
  // A buffer is kept if a value computed forward lies in it and something backward reads or overwrites it.
  std::vector<char> forward(plan.buffers.size(), 0);
  std::vector<char> backward(plan.buffers.size(), 0);
  const auto mark = [&](std::vector<char>& flags, ValueId id) {
    const Value& value = plan.value(id);
    if (plan.token_rows[at(id)].packed >= 0) return;  // it lies in a table
    int buffer = plan.location(id).buffer;
    if (value.op == Op::kState) buffer = plan.state_buffers[at(value.index)];
    if (buffer >= 0) flags[at(buffer)] = 1;
  };
  for (ValueId id = 0; id < plan.flow.count(); ++id) {
    const Value& value = plan.value(id);
    if (value.pass == Pass::kForward) mark(forward, id);
    if (value.pass != Pass::kBackward) continue;
    for (const ValueId read : reads(value)) {
      if (plan.value(read).pass == Pass::kForward) mark(backward, read);
    }
  }
  for (const auto& part : plan.flow.parameter_parts) {
    if (part.operand != kNoValue && plan.value(part.operand).pass == Pass::kForward) mark(backward, part.operand);
  }
  Index total = 0;
  for (std::size_t i = 0; i < plan.buffers.size(); ++i) {
    const bool per_tick = plan.buffers[i].rows == Rows::kTick || plan.buffers[i].rows == Rows::kState;
    if (forward[i] && backward[i] && per_tick) total += plan.buffers[i].columns;
  }
  return total;
}

double product_operations(const Plan& plan) { return loop_operations(plan) + outside_operations(plan); }

double bytes_of(const Plan& plan, const Buffer& buffer) {
  if (buffer.is_callers) return 0;
  const Index batch = plan.workload.batch;
  const Index ticks = batch * plan.workload.steps;
  Index rows = 0;
  switch (buffer.rows) {
    case Rows::kTick: rows = ticks; break;
    case Rows::kSequence: rows = batch; break;
    case Rows::kState: rows = batch + ticks; break;
    case Rows::kPerTick: rows = plan.workload.steps; break;
    case Rows::kMessage: rows = 2 * batch; break;
  }
  return static_cast<double>(rows * buffer.columns) * sizeof(float);
}

double buffer_bytes(const Plan& plan) {
  double bytes = 0;
  for (const Buffer& buffer : plan.buffers) bytes += bytes_of(plan, buffer);
  return bytes;
}

PlanCost cost_of(const Plan& plan, const Graph& written) {
  PlanCost cost;
  cost.written_operations = written_operations(written, all_rows(plan));
  cost.loop_operations = loop_operations(plan);
  cost.operations = product_operations(plan);
  cost.loop_bytes = loop_bytes(plan);
  cost.kept = kept_per_row(plan);
  cost.buffer_bytes = buffer_bytes(plan);
  cost.output_bytes = all_rows(plan) * static_cast<double>(plan.value(plan.flow.output).size) * sizeof(float);
  cost.copies_output = !plan.has_own_rows(plan.flow.output);
  double behind_loop = 0;
  for (const Buffer& buffer : plan.buffers) {
    if (buffer.begins != Stage::kForward) cost.backward_bytes += bytes_of(plan, buffer);
    if (buffer.begins == Stage::kBehindLoop) behind_loop += bytes_of(plan, buffer);
  }
  const double spared = plan.reads_output_gradient_buffer_behind_loop ? 0 : std::min(cost.output_bytes, behind_loop);
  cost.passing_bytes = cost.backward_bytes + cost.output_bytes - spared;
  cost.step_bytes = static_cast<double>(values_read_by_step(written, plan.workload)) * sizeof(float);
  cost.products = products_of(plan);
  return cost;
}

}  // namespace unfold::recurrence
