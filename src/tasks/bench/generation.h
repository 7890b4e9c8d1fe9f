// How fast a language model writes one text, beside the speed at which its weights can be read.
#pragma once

#include "tasks/bench/model.h"
#include "unfold/weight_format.h"

namespace unfold {

struct GenerationRate {
  double bytes = 0;                                   // of weights that a token reads
  double tokens_per_second = 0;                       // written by generate(): step, sampling, text
  double streaming = 0;                               // bytes per second, reading as many bytes over and over
  double limit() const { return streaming / bytes; }  // tokens per second
};

/// With all matrices kept in a format, in `rounds` turns on thread_count() threads.
GenerationRate measure_generation(const BenchModel& model, WeightFormat weights, int rounds);

}  // namespace unfold
