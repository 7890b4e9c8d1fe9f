// How many steps fit a time budget: measured once, before training, on a trainee that is thrown away afterwards.
#pragma once

#include "train/loop.h"

namespace unfold {

struct TimeBudget {
  Index steps = 1;
  Index validations = 1;
};

/// Trains `trial` for a few seconds and divides `seconds`, less what the measuring took, among steps and validations;
/// those get a tenth at most.
TimeBudget fit_time_budget(Trainee& trial, double seconds);

}  // namespace unfold
