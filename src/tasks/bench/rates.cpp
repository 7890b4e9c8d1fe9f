#include "tasks/bench/rates.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>

#include "unfold/error.h"

namespace unfold {
namespace {

constexpr double kTurnSeconds = 0.1;

double seconds(const Load& load, Index count) {
  const auto start = std::chrono::steady_clock::now();
  load.repeat(count);
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

/// Repetitions that fill a turn, found by trying more and more, which warms up as well.
Index repetitions(const Load& load) {
  load.repeat(1);
  Index count = 1;
  double elapsed = seconds(load, count);
  while (elapsed < kTurnSeconds / 8) elapsed = seconds(load, count *= 4);
  return std::max<Index>(1, std::llround(static_cast<double>(count) * kTurnSeconds / elapsed));
}

}  // namespace

double median(std::vector<double> numbers) {
  if (numbers.empty()) throw ContractError("the median of no numbers");
  std::sort(numbers.begin(), numbers.end());
  const std::size_t half = numbers.size() / 2;
  return numbers.size() % 2 == 1 ? numbers[half] : (numbers[half - 1] + numbers[half]) / 2;
}

std::vector<double> measure_rates(const std::vector<Load>& loads, int rounds) {
  if (rounds < 1) throw ContractError(fmt::format("rates are measured in at least 1 round, not {}", rounds));
  std::vector<Index> counts;
  for (const Load& load : loads) counts.push_back(repetitions(load));
  std::vector<std::vector<double>> samples(loads.size());
  for (int round = 0; round < rounds; ++round) {
    for (std::size_t i = 0; i < loads.size(); ++i) {
      const double elapsed = seconds(loads[i], counts[i]);
      samples[i].push_back(loads[i].work * static_cast<double>(counts[i]) / elapsed);
    }
  }
  std::vector<double> rates;
  for (std::vector<double>& sample : samples) rates.push_back(median(std::move(sample)));
  return rates;
}

}  // namespace unfold
