// How fast several pieces of work are done, measured in turn, so that whatever else the machine does hits all alike.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "unfold/tensor.h"

namespace unfold {

/// A piece of work that can be repeated.
struct Load {
  std::string name;
  double work = 0;  // of one repetition, in the unit that its rate is wanted in: operations, bytes, tokens
  std::function<void(Index count)> repeat;
};

/// Work per second of each load: the median over `rounds`, in each of which every load has its turn of about a tenth of
/// a second, or of one repetition. Each warms up before the first. Throws ContractError below one round.
std::vector<double> measure_rates(const std::vector<Load>& loads, int rounds);

/// The middle one, the mean of the middle two; of at least one number.
double median(std::vector<double> numbers);

}  // namespace unfold
