// How fast networks that label learn and answer on sentences whose lengths vary, beside as many words in sentences of
// one length.
#pragma once

#include "tasks/classifier/settings.h"
#include "tasks/tagging/settings.h"

namespace unfold {

/// Words per second.
struct LabellingRate {
  double ragged = 0;
  double equal = 0;  // all sentences as long as the mean
  double fraction() const { return ragged / equal; }
};

struct LabellingRates {
  LabellingRate training;    // whole steps: batch, forward, backward, clipping, optimiser
  LabellingRate prediction;  // labels and their probabilities
};

/// Of the settings those count that describe network, batch and optimiser. In `rounds` turns on thread_count() threads.
LabellingRates measure_tagging(TaggerSettings settings, int rounds);
LabellingRates measure_classifying(ClassifierSettings settings, int rounds);

}  // namespace unfold
