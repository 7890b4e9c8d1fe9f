// The loss of classification over rows of logits: softmax, cross-entropy and gradient in one pass, and log-softmax.
// Every call runs on the calling thread; a row's result depends on that row alone, so callers may split rows as they
// like.
#pragma once

#include <cstdint>
#include <span>

#include "unfold/tensor.h"

namespace unfold::kernels {

/// Per row r of logits z [N, V]: nats[r] = log(sum over v of exp(z[v])) - z[target]. With `slopes` [N, V], which may be
/// the logits themselves, also the gradient times `scale`: slopes[r, v] = scale * (softmax(z)[v] - (v == target)).
/// A target of -1 is ignored: no nats, slopes of zero. `nats` or `slopes` may be null. Strides in elements. Returns the
/// sum of the nats, added in the order of the rows.
double softmax_cross_entropy(const float* logits, Index logits_stride, std::span<const std::int32_t> targets,
                             Index columns, float scale, double* nats, float* slopes, Index slopes_stride);

/// result[r, v] = z[r, v] - log(sum over v of exp(z[r, v])). `result` may be the logits.
void log_softmax(const float* logits, Index logits_stride, Index rows, Index columns, float* result,
                 Index result_stride);

}  // namespace unfold::kernels
