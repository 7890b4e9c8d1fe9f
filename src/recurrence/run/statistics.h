// Statistics over the rows of a tick (batch normalisation): what training observes, and the averages that it stores for
// evaluation, for generation and for ticks with a single row.
#pragma once

#include <vector>

#include "recurrence/graph/graph.h"
#include "recurrence/plan/plan.h"
#include "recurrence/run/memory.h"
#include "unfold/parameter.h"
#include "unfold/recurrence.h"

namespace unfold::recurrence {

/// A tick's statistics are taken over its rows if there are as many: of one row the variance is 0.
inline constexpr Index kFewestRows = 2;

/// The share of the newest training step in a stored average; the first step that sees a tick is the average's start.
inline constexpr float kStatisticMomentum = 0.1F;

/// The row that stands for the tick nearest to a counter, of `ticks` stored ones: the last one past the end.
Index stored_tick(double counter, Index ticks);

/// Writes what is stored for the tick of a counter.
void read_statistic(const Tensor& stored, const ParameterDeclaration& declaration, double counter, float* values);

/// Rows [begin, end) of a tick: makes the mean of a sum over all its rows, or looks the stored one up.
void run_statistic(const Plan& plan, const StatisticStep& step, Memory& memory, Index tick, Index begin, Index end);

/// Ticks whose statistics are taken over their rows. They are the first ones: later ticks have fewer rows.
Index observed_ticks(const Unrolling& unrolling);

/// What a training step saw of one statistic.
struct ObservedStatistic {
  Index parameter = 0;
  Tensor ticks;  // [observed ticks, size]
};

/// Moves the stored averages towards what was observed; they grow to as many ticks.
void average_statistics(const std::vector<ObservedStatistic>& observed, const ParameterList& parameters);

}  // namespace unfold::recurrence
