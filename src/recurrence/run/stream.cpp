// Class RecurrenceStream: the forward plan of a cell for a single tick, with every pointer resolved.
#include <fmt/core.h>

#include <algorithm>
#include <utility>
#include <variant>

#include "recurrence/graph/split_concatenations.h"
#include "recurrence/plan/passes.h"
#include "recurrence/run/row_code.h"
#include "recurrence/run/statistics.h"
#include "recurrence/run/stream_weights.h"
#include "tensor/kernels/rows.h"
#include "unfold/error.h"
#include "unfold/streaming.h"

namespace unfold {

using namespace recurrence;  // of its own room

namespace {

/// An embedding's table times the matrix that reads it replaces both up to this many symbols: a look-up then costs no
/// product, and the larger table may be four times as wide.
constexpr Index kLargestTable = 4096;

// --- the steps, bound to memory ---

struct BoundProduct {
  const kernels::RowMatrix* matrix;
  RowPointer from, to;
  bool accumulate;
};

struct BoundLookup {
  const float* table;
  Index size;
  RowPointer to;
  bool accumulate;
};

struct BoundProgram {
  RowCode code;
  std::vector<RowPointer> memory;
  RowScratch scratch;
};

/// A stored statistic of the tick that each row has reached.
struct BoundStatistic {
  const Parameter* stored;
  const ParameterDeclaration* declaration;
  RowPointer counter, to;
};

using BoundStep = std::variant<BoundProduct, BoundLookup, BoundProgram, BoundStatistic>;

void run(const BoundProduct& step, std::span<const std::int32_t> tokens) {
  kernels::multiply_rows(step.from.first, step.from.stride, static_cast<Index>(tokens.size()), *step.matrix,
                         step.to.first, step.to.stride, step.accumulate);
}

void run(const BoundLookup& step, std::span<const std::int32_t> tokens) {
  kernels::gather_rows(step.table, step.size, tokens, step.size, step.to.first, step.to.stride, step.accumulate);
}

void run(BoundProgram& step, std::span<const std::int32_t> tokens) {
  step.code.run(step.memory, static_cast<Index>(tokens.size()), step.scratch);
}

void run(const BoundStatistic& step, std::span<const std::int32_t> tokens) {
  for (Index row = 0; row < static_cast<Index>(tokens.size()); ++row) {
    const float counter = step.counter.first[row * step.counter.stride];
    read_statistic(step.stored->value(), *step.declaration, counter, step.to.first + row * step.to.stride);
  }
}

Graph checked(const Recurrence& recurrence) {
  const Graph& graph = recurrence.graph();
  if (graph.inputs.size() == 1 && graph.givens.empty()) return name_parts(split_concatenations(graph));
  throw InputError(fmt::format("cell '{}' has {} inputs and {} givens; a stream has one input and no givens",
                               graph.cell, graph.inputs.size(), graph.givens.size()));
}

Workload workload(const StreamInput& input) {
  if (input.kind != InputValues::Kind::kEmbedded) return {.input = input.kind, .vocabulary = 0, .batch = 1, .steps = 1};
  return {.input = input.kind, .vocabulary = input.table->shape()[0], .batch = 1, .steps = kLargestTable + 1};
}

}  // namespace

struct RecurrenceStream::Implementation {
  Implementation(const Recurrence& recurrence, StreamInput input_)
      : graph(checked(recurrence)),
        plan(make_plan(graph, nullptr, workload(input_))),
        parameters(recurrence.parameters()),
        input(input_),
        input_size(graph.inputs[0].shape.count()),
        output_size(graph[graph.output].size()) {
    for (const StateDeclaration& state : graph.states) state_sizes.push_back(state.shape.count());
    pack();
    reserve(1);
  }

  std::vector<const std::vector<Step>*> steps_in_order() const {
    return {&plan.forward.before, &plan.forward.inside, &plan.forward.after};
  }

  void pack() {
    versions.clear();
    for (const Parameter* parameter : parameters) versions.push_back(parameter->version());
    if (input.table != nullptr) versions.push_back(input.table->version());
    weights.assign(at(plan.packed_count), {});
    for (const auto* steps : {&plan.forward.once, &plan.forward.before, &plan.forward.inside, &plan.forward.after}) {
      for (const Step& step : *steps) {
        if (step.kind != Step::Kind::kProduct) continue;
        const Tensor* table = input.table != nullptr ? &input.table->value() : nullptr;
        weights[at(step.product.packed)] = pack_for_stream(plan, step.product, parameters, table);
      }
    }
  }

  bool is_packed() const {
    for (std::size_t i = 0; i < parameters.size(); ++i) {
      if (parameters[i]->version() != versions[i]) return false;
    }
    return input.table == nullptr || input.table->version() == versions.back();
  }

  void reserve(Index rows);
  RowPointer pointer(ValueId id);
  void bind_step(const Step& step, std::vector<BoundStep>& bound);
  void bind();
  void start(Index row);
  void read_tokens(Index rows);

  Graph graph;
  Plan plan;
  ParameterList parameters;
  StreamInput input;
  Index input_size, output_size;  // counted once: every step asks for them
  std::vector<Index> state_sizes;
  std::vector<std::uint64_t> versions;              // of the parameters and the table when packed
  std::vector<std::vector<StreamWeights>> weights;  // per product, by its number
  Index capacity = 0;
  std::vector<Tensor> buffers;         // the plan's; of a state [2 rows, size]: before the step, then after it
  Tensor vectors;                      // what rows read [rows, I]
  std::vector<std::int32_t> tokens;    // or their tokens
  std::vector<BoundStep> once, ticks;  // per sequence; per step
  RowPointer output;
};

void RecurrenceStream::Implementation::reserve(Index rows) {
  if (rows <= capacity) return;
  std::vector<Tensor> larger;
  for (const Buffer& buffer : plan.buffers) {
    larger.emplace_back(Shape{buffer.rows == Rows::kState ? 2 * rows : rows, buffer.columns});
  }
  for (const int number : plan.state_buffers) {
    const Index columns = plan.buffers[at(number)].columns;
    if (capacity > 0) {
      std::copy_n(buffers[at(number)].data() + capacity * columns, capacity * columns,
                  larger[at(number)].data() + rows * columns);
    }
  }
  buffers = std::move(larger);
  vectors = Tensor({rows, input_size});
  tokens.assign(at(rows), 0);
  const Index before = std::exchange(capacity, rows);
  bind();
  for (Index row = before; row < rows; ++row) start(row);
}

RowPointer RecurrenceStream::Implementation::pointer(ValueId id) {
  const Value& value = plan.value(id);
  if (value.op == Op::kInput) return {vectors.data(), value.size};
  if (value.op == Op::kParameter) return {const_cast<float*>(parameters[at(value.index)]->value().data()), 0};
  const bool is_state = value.op == Op::kState;
  const Location location = is_state ? Location{plan.state_buffers[at(value.index)], 0} : plan.location(id);
  const Buffer& buffer = plan.buffers[at(location.buffer)];
  const Index first = buffer.rows == Rows::kState && !is_state ? capacity * buffer.columns : 0;
  return {buffers[at(location.buffer)].data() + first + location.column, buffer.columns};
}

void RecurrenceStream::Implementation::bind_step(const Step& step, std::vector<BoundStep>& bound) {
  switch (step.kind) {
    case Step::Kind::kProduct: {
      bool accumulate = step.product.accumulate;
      const RowPointer to = pointer(step.product.outputs[0]);
      for (const StreamWeights& part : weights[at(step.product.packed)]) {
        if (step.product.lookup)
          bound.push_back(BoundLookup{part.table.data(), step.product.n, to, accumulate});
        else
          bound.push_back(BoundProduct{&part.matrix, pointer(part.operand), to, accumulate});
        accumulate = true;
      }
      break;
    }
    case Step::Kind::kProgram: {
      const Program& program = plan.programs[at(step.program.program)];
      BoundProgram ready{RowCode(program), {}, {}};
      for (const ValueId id : program.memory) ready.memory.push_back(pointer(id));
      ready.code.prepare(ready.scratch);
      bound.push_back(std::move(ready));
      break;
    }
    case Step::Kind::kStatistic: {
      const ValueId id = step.statistic.value;
      const Index stored = plan.value(id).index;
      bound.push_back(BoundStatistic{parameters[at(stored)], &graph.parameters[at(stored)],
                                     pointer(plan.value(id).operands[0]), pointer(id)});
      break;
    }
  }
}

/// What depends on parameters alone is computed here, for every row.
void RecurrenceStream::Implementation::bind() {
  once.clear();
  ticks.clear();
  for (const Step& step : plan.forward.once) bind_step(step, once);
  for (const auto* steps : steps_in_order()) {
    for (const Step& step : *steps) bind_step(step, ticks);
  }
  output = pointer(plan.flow.output);
  for (BoundStep& step : once) std::visit([&](auto& kind) { run(kind, tokens); }, step);
}

void RecurrenceStream::Implementation::start(Index row) {
  for (std::size_t s = 0; s < graph.states.size(); ++s) {
    const StateDeclaration& state = graph.states[s];
    const Index size = state_sizes[s];
    float* values = buffers[at(plan.state_buffers[s])].data() + (capacity + row) * size;
    if (state.start_parameter >= 0)
      std::copy_n(parameters[at(state.start_parameter)]->value().data(), size, values);
    else
      std::fill_n(values, size, static_cast<float>(state.start));
  }
}

/// Tokens as vectors, where something beside look-ups reads them.
void RecurrenceStream::Implementation::read_tokens(Index rows) {
  const Index size = input_size;
  const std::span<const std::int32_t> read(tokens.data(), at(rows));
  if (input.table != nullptr) {
    kernels::gather_rows(input.table->value().data(), size, read, size, vectors.data(), size, false);
    return;
  }
  kernels::fill_rows(0.0F, vectors.data(), size, rows, size);
  for (Index row = 0; row < rows; ++row) {
    if (read[at(row)] >= 0) vectors[row * size + read[at(row)]] = 1;
  }
}

RecurrenceStream::RecurrenceStream(const Recurrence& recurrence, StreamInput input)
    : implementation_(std::make_unique<Implementation>(recurrence, input)) {}
RecurrenceStream::~RecurrenceStream() = default;
RecurrenceStream::RecurrenceStream(RecurrenceStream&&) noexcept = default;
RecurrenceStream& RecurrenceStream::operator=(RecurrenceStream&&) noexcept = default;

void RecurrenceStream::reserve(Index rows) { implementation_->reserve(rows); }
Index RecurrenceStream::rows() const { return implementation_->capacity; }

void RecurrenceStream::refresh() {
  if (implementation_->is_packed()) return;
  implementation_->pack();
  implementation_->bind();
}

Index RecurrenceStream::input_size() const { return implementation_->input_size; }
Index RecurrenceStream::output_size() const { return implementation_->output_size; }
Index RecurrenceStream::states() const { return std::ssize(implementation_->state_sizes); }
Index RecurrenceStream::state_size(Index state) const { return implementation_->state_sizes[at(state)]; }

float* RecurrenceStream::input(Index row) { return implementation_->vectors.data() + row * input_size(); }
void RecurrenceStream::set_token(Index row, std::int32_t token) { implementation_->tokens[at(row)] = token; }

float* RecurrenceStream::state(Index state, Index row) {
  Implementation& self = *implementation_;
  return self.buffers[at(self.plan.state_buffers[at(state)])].data() + (self.capacity + row) * state_size(state);
}

void RecurrenceStream::start(Index row) { implementation_->start(row); }

void RecurrenceStream::step(Index rows) {
  Implementation& self = *implementation_;
  if (rows > self.capacity) {
    throw ContractError(fmt::format("a step of {} rows, where there is room for {}", rows, self.capacity));
  }
  for (const int number : self.plan.state_buffers) {  // what was after the last step is before this one
    const Index columns = self.plan.buffers[at(number)].columns;
    float* values = self.buffers[at(number)].data();
    std::copy_n(values + self.capacity * columns, rows * columns, values);
  }
  if (self.input.kind != InputValues::Kind::kDense && self.plan.input_rows[0]) self.read_tokens(rows);
  const std::span<const std::int32_t> tokens(self.tokens.data(), at(rows));
  for (BoundStep& step : self.ticks) std::visit([&](auto& kind) { run(kind, tokens); }, step);
}

const float* RecurrenceStream::output(Index row) const {
  return implementation_->output.first + row * implementation_->output.stride;
}

Index RecurrenceStream::bytes() const {
  Index bytes = 0;
  for (const BoundStep& step : implementation_->ticks) {
    if (const auto* product = std::get_if<BoundProduct>(&step)) bytes += product->matrix->bytes();
  }
  return bytes;
}

}  // namespace unfold
