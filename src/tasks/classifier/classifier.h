// The task `classify`: settings -> labelled sequences -> network -> accuracy. What `unfold train classify` does, for
// any caller.
#pragma once

#include "tasks/classifier/settings.h"
#include "tasks/metrics/labelling_metrics.h"
#include "train/loop.h"

namespace unfold {

struct ClassifierRun {
  TrainingResult result;
  double epochs = 0;
  Index parameters = 0;
  Index sequences = 0;             // of the training part
  ClassificationMetrics valid{0};  // of the saved model
};

/// Chooses what the settings leave open but for the length and what depends on the data.
void complete(ClassifierSettings& settings);

/// Trains, or continues, the run that `settings` describe. All input is read and checked before `run` is touched.
/// Throws UsageError for settings that contradict each other, InputError for bad data or a bad cell.
ClassifierRun train_classifier(ClassifierSettings settings, const RunDirectory& run, const LoopHooks& hooks);

}  // namespace unfold
