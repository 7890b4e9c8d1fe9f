#include "recurrence/run/executor.h"

#include <algorithm>
#include <array>
#include <bit>

#include "base/lap.h"
#include "base/threads.h"
#include "base/tiles.h"
#include "recurrence/graph/row_constants.h"
#include "recurrence/graph/split_concatenations.h"
#include "recurrence/plan/passes.h"
#include "recurrence/run/masks.h"
#include "recurrence/run/row_program.h"
#include "tensor/kernels/rows.h"

namespace unfold::recurrence {
namespace {

/// Rows of a tile of the products that are done for all ticks at once.
constexpr Index kRowTile = 256;

}  // namespace

Executor::Executor(Graph graph, bool with_backward, const Workload& workload)
    : graph_(name_parts(gather_row_constants(split_concatenations(graph)))),
      gradient_(with_backward ? differentiate(graph_) : GradientGraph{}),
      plan_(make_plan(graph_, with_backward ? &gradient_ : nullptr, workload)),
      precision_(workload.precision),
      weights_(plan_, precision_) {}

// --- what the caller supplies ---

void Executor::bind(Memory& memory, const ForwardArguments& arguments, const CellState& initial) {
  const Unrolling& unrolling = memory.unrolling();
  const auto order = unrolling.order();
  const std::size_t inputs = plan_.inputs.size();
  memory.dense_inputs.resize(inputs);
  memory.input_rows.assign(inputs, nullptr);
  memory.tokens.resize(inputs);
  memory.tables.assign(inputs, nullptr);
  for (std::size_t i = 0; i < inputs; ++i) {
    const InputValues& input = arguments.inputs[i];
    memory.tokens[i].assign(input.tokens.begin(), input.tokens.end());
    if (input.kind == InputValues::Kind::kEmbedded) memory.tables[i] = input.values;
    if (input.kind == InputValues::Kind::kDense) memory.input_rows[i] = input.values->data();
    if (input.kind == InputValues::Kind::kDense || !plan_.input_rows[i]) continue;
    const Index size = graph_.inputs[i].shape.count();
    Tensor rows({unrolling.rows(), size});
    if (input.kind == InputValues::Kind::kEmbedded) {
      kernels::gather_rows(input.values->data(), size, memory.tokens[i], size, rows.data(), size, false);
    } else {
      for (Index row = 0; row < unrolling.rows(); ++row) {
        if (input.tokens[at(row)] >= 0) rows[row * size + input.tokens[at(row)]] = 1.0F;
      }
    }
    memory.dense_inputs[i] = std::move(rows);
    memory.input_rows[i] = memory.dense_inputs[i].data();
  }
  for (const Tensor* given : arguments.givens) {
    const Index size = given->shape()[1];
    Tensor rows = Tensor::uninitialised(given->shape());
    for (Index p = 0; p < unrolling.batch(); ++p)
      std::copy_n(given->data() + order[at(p)] * size, size, rows.data() + p * size);
    memory.givens.push_back(std::move(rows));
  }
  for (std::size_t s = 0; s < initial.size(); ++s) {
    const int number = plan_.state_buffers[s];
    const Index size = graph_.states[s].shape.count();
    for (Index p = 0; p < unrolling.batch(); ++p) {
      std::copy_n(initial[s].data() + order[at(p)] * size, size, memory.buffer(number) + p * memory.stride(number));
    }
  }
}

void Executor::release_weights() {
  for (const Stage stage : {Stage::kForward, Stage::kBackward, Stage::kBehindLoop}) weights_.release(stage);
}

void Executor::draw_masks(Memory& memory) const {
  const Unrolling& unrolling = memory.unrolling();
  for (ValueId id = 0; id < plan_.flow.count(); ++id) {
    const Value& value = plan_.value(id);
    if (value.op != Op::kMask) continue;
    const MaskDeclaration& mask = graph_.masks[at(value.index)];
    const Access where = memory.access(id);
    std::vector<std::uint64_t> keys;  // of each row
    for (const Index sequence : unrolling.order()) keys.push_back(mask_key(value.index, memory.keys, sequence));
    const Index ticks = mask.every_tick ? unrolling.steps() : std::min(Index{1}, unrolling.steps());
    parallel(ticks, [&](Index tick) {
      for (Index p = 0; p < unrolling.rows_at(tick); ++p) {
        draw_mask(mask, keys[at(p)], memory.keys.first_tick, tick, memory.row(where, tick, p));
      }
    });
  }
}

// --- steps over all rows, outside the loop ---

void Executor::multiply_rows(const ProductStep& step, Memory& memory) const {
  const MatrixRows a = memory.matrix(step.operands[0]);
  const Access output = memory.access(step.outputs[0]);
  const Index first = output.kind == Access::Kind::kCurrent ? memory.unrolling().batch() : 0;
  float* c = output.base + first * output.stride;
  const bool once = plan_.value(step.outputs[0]).when == When::kOnce;
  const Index rows = once ? memory.unrolling().batch() : memory.unrolling().rows();
  parallel(ceil_divide(rows, kRowTile), [&](Index tile) {
    const Index begin = tile * kRowTile;
    kernels::multiply(a.data + begin * a.stride, a.stride, std::min(kRowTile, rows - begin), weights_.packed(step),
                      c + begin * output.stride, output.stride, step.accumulate);
  });
}

void Executor::look_up_rows(const ProductStep& step, Memory& memory) const {
  const Index input = plan_.value(step.operands[0]).index;
  Tensor product;  // of the whole embedding table with the stacked matrix: [V, N], behind a row of zeros
  const float* table = nullptr;
  if (plan_.inputs[at(input)] == InputKind::kTable) {
    const Tensor& embedding = *memory.tables[at(input)];
    const Index symbols = embedding.shape()[0];
    product = Tensor::uninitialised({1 + symbols, step.n});
    std::fill_n(product.data(), step.n, 0.0F);
    parallel(ceil_divide(symbols, kRowTile), [&](Index tile) {
      const Index begin = tile * kRowTile;
      kernels::multiply(embedding.data() + begin * step.k, step.k, std::min(kRowTile, symbols - begin),
                        weights_.packed(step), product.data() + (1 + begin) * step.n, step.n, false);
    });
    table = product.data() + step.n;
  } else {
    table = weights_.plain(step);
  }
  if (step.is_read_in_place) return memory.bind_table(step.packed, table, std::move(product));
  const Access output = memory.access(step.outputs[0]);
  const Index first = output.kind == Access::Kind::kCurrent ? memory.unrolling().batch() : 0;
  const std::span<const std::int32_t> tokens(memory.tokens[at(input)]);
  const Index rows = memory.unrolling().rows();
  parallel(ceil_divide(rows, kRowTile), [&](Index tile) {
    const Index begin = tile * kRowTile;
    const auto count = at(std::min(kRowTile, rows - begin));
    kernels::gather_rows(table, step.n, tokens.subspan(at(begin), count), step.n,
                         output.base + (first + begin) * output.stride, output.stride, step.accumulate);
  });
}

void Executor::run_rows(const std::vector<Step>& steps, Memory& memory) const {
  const Unrolling& unrolling = memory.unrolling();
  for (const Step& step : steps) {
    if (step.kind == Step::Kind::kProduct) {
      if (step.product.lookup)
        look_up_rows(step.product, memory);
      else
        multiply_rows(step.product, memory);
      continue;
    }
    if (step.kind == Step::Kind::kStatistic) {
      parallel(unrolling.steps(),
               [&](Index tick) { run_statistic(plan_, step.statistic, memory, tick, 0, unrolling.rows_at(tick)); });
      continue;
    }
    const Program& code = plan_.programs[at(step.program.program)];
    const bool sums = std::ranges::any_of(code.values, [&](ValueId id) { return plan_.value(id).op == Op::kTickSum; });
    const Index tile = sums ? unrolling.batch() : tile_rows(plan_, unrolling.batch());
    const Index tiles = ceil_divide(unrolling.batch(), tile);
    const RowProgram program(code, memory);
    parallel(unrolling.steps() * tiles, [&](Index task) {
      const Index tick = task / tiles;
      const Index begin = task % tiles * tile;
      program.run(tick, begin, std::min(begin + tile, unrolling.rows_at(tick)));
    });
  }
}

void Executor::run_sequences(const std::vector<Step>& steps, Memory& memory) const {
  for (const Step& step : steps) {
    if (step.kind == Step::Kind::kProduct) {
      const Access a = memory.access(step.product.operands[0]);
      const Access c = memory.access(step.product.outputs[0]);
      kernels::multiply(a.base, a.stride, memory.unrolling().batch(), weights_.packed(step.product), c.base, c.stride,
                        step.product.accumulate);
    } else {
      const RowProgram program(plan_.programs[at(step.program.program)], memory);
      program.run(0, 0, memory.unrolling().batch());
    }
  }
}

std::vector<ObservedStatistic> Executor::observed(Memory& memory) const {
  std::vector<ObservedStatistic> result;
  const Index ticks = observed_ticks(memory.unrolling());
  for (ValueId id = 0; id < plan_.flow.count(); ++id) {
    const Value& value = plan_.value(id);
    if (value.op != Op::kTickMean || value.index == kNotStored) continue;
    Tensor means = Tensor::uninitialised({ticks, value.size});
    const Access from = memory.access(id);
    for (Index tick = 0; tick < ticks; ++tick)
      std::copy_n(memory.row(from, tick, 0), value.size, means.data() + tick * value.size);
    result.push_back({value.index, std::move(means)});
  }
  return result;
}

// --- the loop over ticks ---

/// The ways of sharing a loop, the usual one first.
constexpr std::array kSplits = {LoopSplit::kRows, LoopSplit::kAlone, LoopSplit::kColumns};

void Executor::run_loop(const std::vector<Step>& steps, Memory& memory, bool backwards) {
  if (steps.empty()) return;
  const Unrolling& unrolling = memory.unrolling();
  const Loop loop(plan_, weights_, steps, memory, backwards);
  if (forced_split_) return loop.run(*forced_split_);
  if (threads_here() == 1) return loop.run(LoopSplit::kAlone);
  fastest_split(loop, backwards, unrolling.batch()).run(static_cast<double>(unrolling.rows()), [&](int way) {
    loop.run(kSplits[at(way)]);
  });
}

FastestWay& Executor::fastest_split(const Loop& loop, bool backwards, Index batch) {
  const int size = static_cast<int>(std::bit_width(static_cast<std::uint64_t>(batch)));
  const std::size_t ways = kSplits.size() - (loop.may_gain_by_columns() ? 0 : 1);
  return fastest_splits_.try_emplace({backwards, thread_count(), size}, static_cast<int>(ways)).first->second;
}

// --- forward ---

std::unique_ptr<Memory> Executor::forward(const ForwardArguments& arguments, const CellState& initial,
                                          const ParameterList& parameters, ForwardResult& result) {
  weights_.update(Stage::kForward, parameters, arguments.keys);
  auto memory = std::make_unique<Memory>(plan_, *arguments.unrolling, parameters);
  memory->keys = arguments.keys;
  bind(*memory, arguments, initial);
  draw_masks(*memory);
  run_sequences(plan_.forward.once, *memory);
  Lap lap;
  run_rows(plan_.forward.before, *memory);
  seconds_.outside += lap.seconds();
  run_loop(plan_.forward.inside, *memory, false);
  seconds_.loop += lap.seconds();
  run_rows(plan_.forward.after, *memory);
  seconds_.outside += lap.seconds();
  if (arguments.keep_for_backward && plan_.reads_tables_backward)
    keep_tables(*memory);
  else
    memory->release_tables();
  if (arguments.keep_for_backward) weights_.release(Stage::kForward);  // a step of training is about to change them
  collect_results(*memory, arguments.share_output, result);
  return memory;
}

/// The weights' own ones are given away: they are about to be released.
void Executor::keep_tables(Memory& memory) {
  for (const auto* steps : {&plan_.forward.before, &plan_.forward.after}) {
    for (const Step& step : *steps) {
      if (step.product.is_read_in_place) memory.keep_table(step.product.packed, weights_.take_plain(step.product));
    }
  }
}

void Executor::collect_results(Memory& memory, bool share_output, ForwardResult& result) const {
  const Unrolling& unrolling = memory.unrolling();
  const bool shares = share_output && plan_.has_own_rows(plan_.flow.output);
  result.output = shares ? memory.shared_rows(plan_.flow.output) : memory.copied_rows(plan_.flow.output);
  for (std::size_t s = 0; s < graph_.states.size(); ++s) {
    const Index state_size = graph_.states[s].shape.count();
    const int number = plan_.state_buffers[s];
    Tensor final = Tensor::uninitialised({unrolling.batch(), state_size});
    for (Index p = 0; p < unrolling.batch(); ++p) {
      const Index sequence = unrolling.order()[at(p)];
      const Index length = unrolling.lengths()[at(sequence)];
      const Index row = length == 0 ? p : unrolling.batch() + unrolling.start(length - 1) + p;
      std::copy_n(memory.buffer(number) + row * memory.stride(number), state_size,
                  final.data() + sequence * state_size);
    }
    result.final.push_back(std::move(final));
  }
}

}  // namespace unfold::recurrence
