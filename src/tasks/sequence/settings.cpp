#include "tasks/sequence/settings.h"

namespace unfold {

Settings PredictionSettings::list() {
  return grouped(
      "Prediction",
      {
          {"target",
           "squared (numbers), bernoulli (bits) or categorical (symbols: a column of numbers 0, 1, ... or columns of "
           "which one is 1); automatic: bernoulli where every number is 0 or 1, otherwise squared",
           &target},
          {"targets", "Columns to predict from the others of the same step; default: all columns of the next step",
           &targets},
          {"transpose",
           "Bits: move the columns of each sequence by -N to N, drawn anew each epoch: other keys of music",
           &transpose},
          {"batch", "Steps of all sequences in a batch; default a 200th of the data, 4000 at most", &batch},
      });
}

Settings SequenceNetworkSettings::list() {
  return joined(
      {LayerSettings::list(),
       grouped("Network",
               {{"bidirectional", "With --targets: a second recurrence reads from the end; both are put side by side",
                 &bidirectional}})});
}

Settings SequenceSettings::list() {
  return joined({data.list(), prediction.list(), network.list(), regularisation.list(), optimizer.list(), length.list(),
                 recovery.list(), execution.list()});
}

SequenceSettings SequenceSettings::with_whole_paths() const {
  SequenceSettings settings = *this;
  make_paths_whole(settings.data, settings.network.cell);
  return settings;
}

}  // namespace unfold
