// How long one step of one layer takes on one row of numbers: what someone pays who filters a signal as it comes.
#pragma once

#include "unfold/cell.h"
#include "unfold/tensor.h"

namespace unfold {

struct StepRate {
  double bytes = 0;                                   // of weights that a step reads
  double seconds = 0;                                 // of a step
  double streaming = 0;                               // bytes per second, reading as many bytes over and over
  double limit() const { return bytes / streaming; }  // seconds
};

/// A layer of `hidden` units that reads `inputs` numbers, in `rounds` turns.
StepRate measure_step(const Cell& cell, Index inputs, Index hidden, int rounds);

}  // namespace unfold
