// Clipping of the gradient with respect to the parameters, before an optimiser's step.
#pragma once

#include "unfold/parameter.h"

namespace unfold {

/// The Euclidean norm of all trainable gradients together: summed in double, in a fixed order.
double global_norm(const ParameterList& parameters);

/// Every element of every trainable gradient into [-largest, largest] (Mikolov 2012). NaN stays NaN.
void clip_values(const ParameterList& parameters, double largest);

/// The factor that brings a gradient of this norm down to `largest`: min(1, largest / norm) (Pascanu, Mikolov and
/// Bengio 2013). Pass it to Optimizer::step. `largest` <= 0 does not clip.
double clip_factor(double norm, double largest);

/// Thresholds; 0 does not clip. Where both are given, values are clipped first.
struct Clipping {
  double value = 0;
  double norm = 0;
};

struct ClippedGradient {
  double norm = 0;    // before clipping
  double factor = 1;  // for Optimizer::step: what clipping by norm still has to do
};

/// Clips values in place and says by what factor the norm is to be clipped. Does nothing to a gradient whose norm is
/// not finite: there is no direction in it to keep.
ClippedGradient clip_gradient(const ParameterList& parameters, const Clipping& clipping);

}  // namespace unfold
