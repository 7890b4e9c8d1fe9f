#include "recurrence/run/statistics.h"

#include <algorithm>

namespace unfold::recurrence {

Index stored_tick(double counter, Index ticks) {
  const double last = static_cast<double>(ticks - 1);
  return counter > 0 ? static_cast<Index>(std::min(counter + 0.5, last))
                     : 0;  // a counter that is not a number counts as 0
}

void read_statistic(const Tensor& stored, const ParameterDeclaration& declaration, double counter, float* values) {
  const Index size = declaration.shape[1];
  const Index ticks = stored.shape()[0];
  if (ticks == 0)
    std::fill_n(values, size, static_cast<float>(declaration.initial.number));
  else
    std::copy_n(stored.data() + stored_tick(counter, ticks) * size, size, values);
}

void run_statistic(const Plan& plan, const StatisticStep& step, Memory& memory, Index tick, Index begin, Index end) {
  const Value& value = plan.value(step.value);
  const Access to = memory.access(step.value);
  const auto look_up = [&](ValueId counter, Index position) {
    const Tensor& stored = memory.stored(value.index);
    const double ticks = memory.row(memory.access(counter), tick, position)[0];
    read_statistic(stored, plan.flow.graph->parameters[at(value.index)], ticks, memory.row(to, tick, position));
  };
  if (value.op == Op::kTickRow) {
    for (Index position = begin; position < end; ++position) look_up(value.operands[0], position);
    return;
  }
  const Index rows = memory.unrolling().rows_at(tick);
  float* mean = memory.row(to, tick, 0);
  if (rows >= kFewestRows) {
    const float* sum = memory.row(memory.access(value.operands[0]), tick, 0);
    for (Index i = 0; i < value.size; ++i) mean[i] = sum[i] / static_cast<float>(rows);
  } else if (value.index != kNotStored) {
    look_up(value.operands[1], 0);
  } else {
    std::fill_n(mean, value.size, 0.0F);
  }
}

Index observed_ticks(const Unrolling& unrolling) {
  Index ticks = 0;
  while (ticks < unrolling.steps() && unrolling.rows_at(ticks) >= kFewestRows) ++ticks;
  return ticks;
}

void average_statistics(const std::vector<ObservedStatistic>& observed, const ParameterList& parameters) {
  for (const ObservedStatistic& statistic : observed) {
    Tensor& average = parameters[at(statistic.parameter)]->edit();
    const Tensor& newest = statistic.ticks;
    const Index known = std::min(average.count(), newest.count());
    for (Index i = 0; i < known; ++i) average[i] += kStatisticMomentum * (newest[i] - average[i]);
    if (newest.count() == known) continue;
    Tensor longer = newest;
    std::copy_n(average.data(), known, longer.data());
    average = std::move(longer);
  }
}

}  // namespace unfold::recurrence
