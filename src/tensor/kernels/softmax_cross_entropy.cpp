#include "tensor/kernels/softmax_cross_entropy.h"

#include <algorithm>
#include <cmath>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "tensor/kernels/softmax_cross_entropy.cpp"
#include <hwy/foreach_target.h>
// After foreach_target.h:
#include <hwy/highway.h>

#include "tensor/kernels/choice.h"
#include "tensor/kernels/map.h"
#include "tensor/kernels/math-inl.h"
#include "tensor/kernels/softmax_cross_entropy_naive.h"

HWY_BEFORE_NAMESPACE();
namespace unfold::kernels::HWY_NAMESPACE {
namespace {

/// Sum over v of e[v] = exp(z[v] - shift). The e are kept where `e` is not null; it may be z.
double sum_exponentials(const float* z, Index columns, float shift, float* e) {
  const Floats d;
  const Vector shifts = constant(shift);
  Vector sum = constant(0.0f);
  Index v = 0;
  for (; v + lanes() <= columns; v += lanes()) {
    const Vector value = exp(hn::Sub(hn::LoadU(d, z + v), shifts));
    sum = hn::Add(sum, value);
    if (e != nullptr) hn::StoreU(value, d, e + v);
  }
  if (v < columns) {
    const Vector value = exp(hn::Sub(load_first(z + v, columns - v), shifts));
    sum = hn::Add(sum, keep_first(value, columns - v, 0.0f));
    if (e != nullptr) store_first(value, e + v, columns - v);
  }
  return static_cast<double>(hn::GetLane(hn::SumOfLanes(d, sum)));
}

/// to[v] = factor * from[v] + summand.
void scale_and_add(const float* from, Index columns, float factor, float summand, float* to) {
  const Floats d;
  const Vector factors = constant(factor), summands = constant(summand);
  Index v = 0;
  for (; v + lanes() <= columns; v += lanes()) {
    hn::StoreU(hn::MulAdd(hn::LoadU(d, from + v), factors, summands), d, to + v);
  }
  if (v < columns) {
    store_first(hn::MulAdd(load_first(from + v, columns - v), factors, summands), to + v, columns - v);
  }
}

}  // namespace
}  // namespace unfold::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace unfold::kernels {

HWY_EXPORT(sum_exponentials);
HWY_EXPORT(scale_and_add);

double softmax_cross_entropy(const float* logits, Index logits_stride, std::span<const std::int32_t> targets,
                             Index columns, float scale, double* nats, float* slopes, Index slopes_stride) {
  if (naive_kernels()) {
    return naive::softmax_cross_entropy(logits, logits_stride, targets, columns, scale, nats, slopes, slopes_stride);
  }
  limit_instruction_set();
  double total = 0;
  for (std::size_t r = 0; r < targets.size(); ++r) {
    const std::int32_t target = targets[r];
    const float* z = logits + static_cast<Index>(r) * logits_stride;
    float* slope = slopes == nullptr ? nullptr : slopes + static_cast<Index>(r) * slopes_stride;
    double loss = 0;
    if (target >= 0) {
      const float largest = row_max(z, columns);
      const double distance = static_cast<double>(z[target]) - static_cast<double>(largest);
      const double sum = HWY_DYNAMIC_DISPATCH(sum_exponentials)(z, columns, largest, slope);
      loss = std::log(sum) - distance;
      if (slope != nullptr) {
        const auto factor = static_cast<float>(static_cast<double>(scale) / sum);
        HWY_DYNAMIC_DISPATCH(scale_and_add)(slope, columns, factor, 0.0f, slope);
        slope[target] -= scale;
      }
    } else if (slope != nullptr) {
      std::fill_n(slope, columns, 0.0f);
    }
    total += loss;
    if (nats != nullptr) nats[r] = loss;
  }
  return total;
}

void log_softmax(const float* logits, Index logits_stride, Index rows, Index columns, float* result,
                 Index result_stride) {
  if (naive_kernels()) return naive::log_softmax(logits, logits_stride, rows, columns, result, result_stride);
  limit_instruction_set();
  for (Index r = 0; r < rows; ++r) {
    const float* z = logits + r * logits_stride;
    const float largest = row_max(z, columns);
    const double sum = HWY_DYNAMIC_DISPATCH(sum_exponentials)(z, columns, largest, nullptr);
    const auto normaliser = static_cast<float>(static_cast<double>(largest) + std::log(sum));
    HWY_DYNAMIC_DISPATCH(scale_and_add)(z, columns, 1.0f, -normaliser, result + r * result_stride);
  }
}

}  // namespace unfold::kernels
#endif
