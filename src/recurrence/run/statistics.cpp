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
