// The naive twins of the reductions of map.h: plain loops in the order of the elements.
#pragma once

#include <cmath>
#include <limits>

#include "unfold/tensor.h"

namespace unfold::kernels::naive {

template <class Real>
Real row_sum(const Real* a, Index count) {
  Real sum = 0;
  for (Index i = 0; i < count; ++i) sum += a[i];
  return sum;
}

template <class Real>
Real row_dot(const Real* a, const Real* b, Index count) {
  Real sum = 0;
  for (Index i = 0; i < count; ++i) sum += a[i] * b[i];
  return sum;
}

template <class Real>
Real row_max(const Real* a, Index count) {
  Real largest = -std::numeric_limits<Real>::infinity();
  for (Index i = 0; i < count; ++i) largest = largest >= a[i] || std::isnan(largest) ? largest : a[i];
  return largest;
}

template <class Real>
double squared_norm(const Real* a, Index count) {
  double sum = 0;
  for (Index i = 0; i < count; ++i) sum += static_cast<double>(a[i]) * static_cast<double>(a[i]);
  return sum;
}

template <class Real>
void add_column_sums(const Real* a, Index stride, Index rows, Index columns, Real* sums) {
  for (Index j = 0; j < columns; ++j) {
    for (Index i = 0; i < rows; ++i) sums[j] += a[i * stride + j];
  }
}

}  // namespace unfold::kernels::naive
