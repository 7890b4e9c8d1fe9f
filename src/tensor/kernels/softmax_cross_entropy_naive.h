// The naive twins of softmax_cross_entropy.h.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <span>

#include "tensor/kernels/reduce_naive.h"
#include "unfold/tensor.h"

namespace unfold::kernels::naive {

/// max(z) + log(sum over v of exp(z[v] - max(z))).
template <class Real>
Real log_sum_exp(const Real* z, Index columns) {
  const Real largest = row_max(z, columns);
  Real sum = 0;
  for (Index v = 0; v < columns; ++v) sum += std::exp(z[v] - largest);
  return largest + std::log(sum);
}

template <class Real>
double softmax_cross_entropy(const Real* logits, Index logits_stride, std::span<const std::int32_t> targets,
                             Index columns, Real scale, double* nats, Real* slopes, Index slopes_stride) {
  double total = 0;
  for (std::size_t r = 0; r < targets.size(); ++r) {
    const std::int32_t target = targets[r];
    const Real* z = logits + static_cast<Index>(r) * logits_stride;
    const Real normaliser = log_sum_exp(z, columns);
    const double loss = target < 0 ? 0.0 : static_cast<double>(normaliser - z[target]);
    total += loss;
    if (nats != nullptr) nats[r] = loss;
    if (slopes == nullptr) continue;
    Real* slope = slopes + static_cast<Index>(r) * slopes_stride;
    for (Index v = 0; v < columns; ++v) {
      slope[v] = target < 0 ? Real(0) : scale * (std::exp(z[v] - normaliser) - (v == target ? Real(1) : Real(0)));
    }
  }
  return total;
}

template <class Real>
void log_softmax(const Real* logits, Index logits_stride, Index rows, Index columns, Real* result,
                 Index result_stride) {
  for (Index r = 0; r < rows; ++r) {
    const Real* z = logits + r * logits_stride;
    const Real normaliser = log_sum_exp(z, columns);
    for (Index v = 0; v < columns; ++v) result[r * result_stride + v] = z[v] - normaliser;
  }
}

}  // namespace unfold::kernels::naive
