// Learning rates as functions of the step.
#pragma once

#include <cstdint>
#include <span>

namespace unfold {

/// All lengths are in steps. After a warm-up of linear growth every kind begins at the peak, except for one-cycle,
/// which has a growth of its own.
struct Schedule {
  enum class Kind : std::uint8_t {
    kConstant,
    kStep,         // peak, then multiplied by `decay` at step `decay_after` and every `decay_every` from there on
    kExponential,  // peak, then falling smoothly by `decay` per `decay_every`, from step `decay_after` on
    kCosine,       // half a cosine from the peak down to final_fraction * peak (Loshchilov and Hutter 2017)
    kOneCycle,     // up to the peak and down to almost nothing, by half cosines (Smith 2018)
    kPlateau,      // multiplied by `decay` when `patience` validations in a row have not improved
  };
  Kind kind = Kind::kConstant;
  double peak = 0;           // the rate after warm-up
  std::uint64_t warmup = 0;  // steps of linear growth before

  double decay = 0.5;
  double decay_after = 0;
  double decay_every = 1;
  std::uint64_t patience = 1;  // validations

  double final_fraction = 0;  // of the peak, where the cosine ends
  double rising_share = 0.3;  // of one cycle, and the rates at its ends as shares of the peak
  double start_fraction = 0.04;
  double end_fraction = 4e-6;
};

/// The rate of step `step`, 0 <= step < total_steps. Warm-up: peak * (step + 1) / warmup; cosine and one-cycle stretch
/// over the steps that remain, the others count from the beginning of the run. `validations` are the losses measured so
/// far, for the plateau.
double learning_rate(const Schedule& schedule, std::uint64_t step, std::uint64_t total_steps,
                     std::span<const double> validations = {});

}  // namespace unfold
