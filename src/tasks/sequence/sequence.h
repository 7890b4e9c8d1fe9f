// The task `sequence`: settings -> sequences of vectors -> a network -> what predictions cost. What `unfold train
// sequence` does, for any caller.
#pragma once

#include "tasks/sequence/evaluate.h"
#include "tasks/sequence/settings.h"
#include "train/loop.h"

namespace unfold {

struct SequenceRun {
  TrainingResult result;
  double epochs = 0;
  Index parameters = 0;
  Index sequences = 0;          // of the training part
  VectorEvaluation valid = {};  // of the saved model
};

/// Trains, or continues, the run that `settings` describe. All input is read and checked before `run` is touched.
/// Throws UsageError for settings that contradict each other, InputError for bad data or a bad cell.
SequenceRun train_sequence(SequenceSettings settings, const RunDirectory& run, const LoopHooks& hooks);

}  // namespace unfold
