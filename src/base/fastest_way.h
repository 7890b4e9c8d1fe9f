// Which of several ways of doing the same work is the fastest on this machine, found out while it is done.
#pragma once

#include <vector>

#include "base/lap.h"

namespace unfold {

/// Ways are numbered from 0, which is the usual one. Each is tried a few times in turn; then the one stays that was
/// fastest in its best try, since other work on the machine, and what is made in a first run, only make a way slower.
/// Another than the usual one must be faster by a tenth. The trial is repeated, in case all tries of a way were
/// disturbed: after some dozen runs where the usual way was given up, after some hundred where it was not, and then
/// more and more rarely, since the machine itself may change: two cores may become halves of one.
class FastestWay {
 public:
  explicit FastestWay(int ways);

  /// Calls work(way) in the way whose turn it is. Runs may differ in size: their times are compared by the piece.
  template <class Work>
  void run(double pieces, const Work& work) {
    const Turn turn = next();
    if (!turn.is_tried) return work(turn.way);
    Lap lap;
    work(turn.way);
    record(turn.way, lap.seconds() / pieces);
  }

  struct Turn {
    int way;
    bool is_tried;  // its time is to be recorded
  };
  /// Of the next run.
  Turn next();
  void record(int way, double seconds);

 private:
  std::vector<double> best_;  // seconds, of each way's tries in this trial
  int fastest_ = 0;
  int run_ = 0;     // since the trial began
  int period_ = 0;  // runs from this trial to the next
};

}  // namespace unfold
