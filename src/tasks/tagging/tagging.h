// The task `tag`: settings -> sequences whose steps are labelled -> a network -> accuracy. What `unfold train tag`
// does, for any caller.
#pragma once

#include <string>
#include <vector>

#include "tasks/tagging/settings.h"
#include "train/loop.h"

namespace unfold {

struct TaggerRun {
  TrainingResult result;
  double epochs = 0;
  Index parameters = 0;
  Index sequences = 0;  // of the training part
  Index labels = 0;
};

/// Chooses what the settings leave open but for the length.
void complete(TaggerSettings& settings);

/// Trains, or continues, the run that `settings` describe. All input is read and checked before `run` is touched.
/// Throws UsageError for settings that contradict each other, InputError for bad data or a bad cell.
TaggerRun train_tagger(TaggerSettings settings, const RunDirectory& run, const LoopHooks& hooks);

}  // namespace unfold
