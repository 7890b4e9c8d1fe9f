#include "recurrence/run/split_choice.h"

#include <algorithm>
#include <bit>

#include "base/threads.h"

namespace unfold::recurrence {
namespace {

constexpr int kTries = 4;
/// Runs from one further try to the next: so rare that a slow way costs a hundredth.
constexpr int kAgain = 64;
constexpr double kGain = 0.9;

}  // namespace

SplitChoice::SplitChoice(std::vector<LoopSplit> ways) {
  for (const LoopSplit split : ways) ways_.push_back({split});
}

LoopSplit SplitChoice::next() const {
  const auto least_tried = std::ranges::min_element(ways_, {}, &Way::runs);
  if (least_tried->runs < kTries || runs_ % kAgain == 0) return least_tried->split;
  const auto fastest = std::ranges::min_element(ways_, {}, &Way::best);
  return fastest->best < kGain * ways_[0].best ? fastest->split : ways_[0].split;
}

void SplitChoice::record(LoopSplit split, double seconds_per_row) {
  const auto way = std::ranges::find(ways_, split, &Way::split);
  way->best = way->runs == 0 ? seconds_per_row : std::min(way->best, seconds_per_row);
  way->runs += 1;
  runs_ += 1;
}

SplitChoice& SplitChoices::of(bool backwards, Index batch, bool with_columns) {
  std::vector<LoopSplit> ways{LoopSplit::kRows, LoopSplit::kAlone};
  if (with_columns) ways.push_back(LoopSplit::kColumns);
  const int size = static_cast<int>(std::bit_width(static_cast<std::uint64_t>(batch)));
  return choices_.try_emplace({backwards, thread_count(), size}, std::move(ways)).first->second;
}

}  // namespace unfold::recurrence
