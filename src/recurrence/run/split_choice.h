// Which way of sharing a loop among threads is the fastest on this machine, found out while it works: all ways give the
// same bits, so that the first runs of a loop try them in turn.
#pragma once

#include <map>
#include <tuple>
#include <vector>

#include "recurrence/run/loop.h"

namespace unfold::recurrence {

class SplitChoice {
 public:
  /// Among these ways, of which there is one at least; the first is the usual one.
  explicit SplitChoice(std::vector<LoopSplit> ways);

  /// Each way a few times in turn, then the one that was fastest in its best run: other work on the machine, and what
  /// is made in a first run, only make a way slower. Another than the usual one must be faster by a tenth. Now and then
  /// the others get another try, in case all of theirs were disturbed.
  LoopSplit next() const;
  void record(LoopSplit split, double seconds_per_row);

 private:
  struct Way {
    LoopSplit split;
    int runs = 0;
    double best = 0;  // seconds
  };
  std::vector<Way> ways_;
  int runs_ = 0;  // of all ways
};

/// One choice for each pass, number of threads, and size of batches (batches within a factor of two share one).
class SplitChoices {
 public:
  SplitChoice& of(bool backwards, Index batch, bool with_columns);

 private:
  std::map<std::tuple<bool, int, int>, SplitChoice> choices_;
};

}  // namespace unfold::recurrence
