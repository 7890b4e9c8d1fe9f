#include "recurrence/run/loop.h"

#include <algorithm>

#include "base/threads.h"
#include "base/tiles.h"
#include "recurrence/run/statistics.h"

namespace unfold::recurrence {
namespace {

/// Above this many rows a product gains no speed, and what the loop reads again leaves the cache.
constexpr Index kMostRows = 64;

/// Of one thread.
constexpr Index kFewRows = 16;

/// Rows that one task takes through the loop: a tile, or as many tiles as a thread has where that changes no bit, since
/// the products are faster for more rows.
Index loop_rows(const Plan& plan, Index batch, Index threads) {
  const Index tile = tile_rows(plan, batch);
  if (plan.couples_rows || !kernels::rows_are_independent()) return tile;
  const Index tiles = ceil_divide(batch, tile);
  return tile * std::min(ceil_divide(tiles, threads), ceil_divide(kMostRows, tile));
}

/// The units of a member, of `size`: whole blocks of columns, so that they are the same for every value of that size.
kernels::Columns units(Index size, const Member& member) {
  const Index blocks = ceil_divide(size, kernels::kColumnBlock);
  const auto bound = [&](Index number) {
    return std::min(size, blocks * number / member.count() * kernels::kColumnBlock);
  };
  return {bound(member.number()), bound(member.number() + 1)};
}

/// Whether blocks of units are blocks of columns in every output of a product.
bool has_blocks_of_units(const Plan& plan, const ProductStep& product) {
  const Index size = plan.value(product.outputs[0]).size;
  return product.outputs.size() == 1 ||
         (size % kernels::kColumnBlock == 0 &&
          std::ranges::all_of(product.outputs, [&](ValueId id) { return plan.value(id).size == size; }));
}

}  // namespace

Loop::Loop(const Plan& plan, const Weights& weights, const std::vector<Step>& steps, Memory& memory, bool backwards)
    : plan_(plan), weights_(weights), steps_(steps), memory_(memory), backwards_(backwards) {
  for (const Step& step : steps) {
    program_of_.push_back(programs_.size());
    if (step.kind == Step::Kind::kProgram)
      programs_.emplace_back(plan.programs[at(step.program.program)], memory, backwards);
  }
}

void Loop::run(LoopSplit split) const {
  if (split == LoopSplit::kColumns) {
    together([&](const Member& member) { run_columns(member); });
    return;
  }
  const Index batch = memory_.unrolling().batch();
  const bool alone = split == LoopSplit::kAlone;
  const Index tile = loop_rows(plan_, batch, alone ? 1 : threads_here());
  const auto task = [&](Index number) { run_rows(number * tile, std::min((number + 1) * tile, batch)); };
  const Index tasks = ceil_divide(batch, tile);
  if (!alone) return parallel(tasks, task);
  for (Index number = 0; number < tasks; ++number) task(number);
}

void Loop::run_rows(Index begin, Index end) const {
  const Unrolling& unrolling = memory_.unrolling();
  for (Index i = 0; i < unrolling.steps(); ++i) {
    const Index now = tick(i);
    const Index last = std::min(end, unrolling.rows_at(now));
    if (last <= begin) continue;
    for (std::size_t number = 0; number < steps_.size(); ++number) {
      const Step& step = steps_[number];
      switch (step.kind) {
        case Step::Kind::kProgram: programs_[program_of_[number]].run(now, begin, last); break;
        case Step::Kind::kStatistic: run_statistic(plan_, step.statistic, memory_, now, begin, last); break;
        case Step::Kind::kProduct: {
          const Access a = memory_.access(step.product.operands[0]);
          const Access c = memory_.access(step.product.outputs[0]);
          kernels::multiply(memory_.row(a, now, begin), a.stride, last - begin, weights_.packed(step.product),
                            memory_.row(c, now, begin), c.stride, step.product.accumulate);
        }
      }
    }
  }
}

// --- by columns ---

bool Loop::may_gain_by_columns() const {
  const bool few_rows = memory_.unrolling().batch() < kFewRows * threads_here();
  return kernels::columns_are_independent() && (few_rows || plan_.couples_rows) &&
         std::ranges::any_of(steps_, [](const Step& step) {
           return step.kind == Step::Kind::kProduct && step.product.n >= 2 * kernels::kColumnBlock;
         });
}

bool Loop::overwrites(const Step& program, const Step& product, bool in_the_next_tick) const {
  if (program.kind != Step::Kind::kProgram) return false;
  return std::ranges::any_of(product.product.operands, [&](ValueId operand) {
    const Value& value = plan_.value(operand);
    if (value.op == Op::kState) return false;  // a tick writes the rows of the next
    const bool is_message = value.op == Op::kNextGradient;
    const int buffer = is_message ? plan_.message_buffers[at(value.index)] : plan_.location(operand).buffer;
    if (buffer < 0 || (in_the_next_tick && plan_.buffers[at(buffer)].rows == Rows::kTick)) return false;
    return std::ranges::any_of(plan_.programs[at(program.program.program)].values,
                               [&](ValueId written) { return plan_.location(written).buffer == buffer; });
  });
}

bool Loop::is_by_units(std::size_t number) const {
  const Step& step = steps_[number];
  if (step.kind == Step::Kind::kProduct) return has_blocks_of_units(plan_, step.product);
  return step.kind == Step::Kind::kProgram && programs_[program_of_[number]].has_columns();
}

bool Loop::waits_before(std::size_t number) const {
  const Step& step = steps_[number];
  const std::size_t previous = number > 0 ? number - 1 : steps_.size() - 1;
  if (step.kind == Step::Kind::kProduct) {
    return number == 0 || steps_[previous].kind != Step::Kind::kProduct || steps_[previous].level != step.level;
  }
  if (!is_by_units(number) || !is_by_units(previous)) return true;
  for (std::size_t other = 0; other < steps_.size(); ++other) {
    if (steps_[other].kind == Step::Kind::kProduct && overwrites(step, steps_[other], other > number)) return true;
  }
  return false;
}

std::vector<Loop::Share> Loop::shares(const Member& member) const {
  std::vector<Share> result(steps_.size());
  for (std::size_t number = 0; number < steps_.size(); ++number) {
    result[number].waits_before = waits_before(number);
    auto& columns = result[number].columns;
    if (steps_[number].kind == Step::Kind::kProduct) {
      const ProductStep& product = steps_[number].product;
      const Index size = is_by_units(number) ? plan_.value(product.outputs[0]).size : product.n;
      const kernels::Columns mine = units(size, member);
      for (Index begin = 0; begin < product.n; begin += size) {
        columns.push_back({begin + mine.first, begin + mine.last});
      }
    } else if (is_by_units(number)) {
      columns.push_back(units(programs_[program_of_[number]].width(), member));
    }
  }
  return result;
}

void Loop::run_columns(const Member& member) const {
  const std::vector<Share> mine = shares(member);
  for (Index i = 0; i < memory_.unrolling().steps(); ++i) {
    for (std::size_t number = 0; number < steps_.size(); ++number) {
      if (mine[number].waits_before) member.wait();
      run_share(number, mine[number], tick(i), member);
    }
  }
}

void Loop::run_share(std::size_t number, const Share& share, Index tick, const Member& member) const {
  const Step& step = steps_[number];
  const Index rows = memory_.unrolling().rows_at(tick);
  if (step.kind == Step::Kind::kProduct) {
    const ProductStep& product = step.product;
    const Access a = memory_.access(product.operands[0]);
    const Access c = memory_.access(product.outputs[0]);
    kernels::multiply_columns(memory_.row(a, tick, 0), a.stride, rows, weights_.packed(product), share.columns,
                              memory_.row(c, tick, 0), c.stride, product.accumulate);
    return;
  }
  const bool is_program = step.kind == Step::Kind::kProgram;
  if (is_program && !share.columns.empty()) {
    return programs_[program_of_[number]].run_columns(tick, 0, rows, share.columns[0]);
  }
  const bool takes_all = !is_program || plan_.couples_rows;
  if (takes_all && member.number() > 0) return;
  const Index begin = takes_all ? 0 : rows * member.number() / member.count();
  const Index end = takes_all ? rows : rows * (member.number() + 1) / member.count();
  if (is_program) {
    programs_[program_of_[number]].run(tick, begin, end);
  } else {
    run_statistic(plan_, step.statistic, memory_, tick, begin, end);
  }
}

Index tile_rows(const Plan& plan, Index batch) {
  if (plan.couples_rows) return std::max(batch, Index{1});
  const Index preferred = 32;
  const Index tiles = std::max(ceil_divide(batch, preferred), batch >= 8 ? Index{2} : Index{1});
  return std::max(Index{1}, ceil_divide(batch, tiles));
}

}  // namespace unfold::recurrence
