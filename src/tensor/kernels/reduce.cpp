// Reductions over rows and columns, the fast ones of map.h.
#include <algorithm>
#include <limits>

#include "tensor/kernels/map.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "tensor/kernels/reduce.cpp"
#include <hwy/foreach_target.h>
// After foreach_target.h:
#include <hwy/highway.h>

#include "tensor/kernels/choice.h"
#include "tensor/kernels/math-inl.h"
#include "tensor/kernels/reduce_naive.h"

HWY_BEFORE_NAMESPACE();
namespace unfold::kernels::HWY_NAMESPACE {
namespace {

HWY_INLINE Vector larger(Vector a, Vector b) { return hn::IfThenElse(hn::Or(hn::Ge(a, b), hn::IsNaN(a)), a, b); }

/// The sum of term(i), a vector of elements from i, and of first(i), those from i to count. Four independent sums, so
/// that one addition need not wait for the last.
template <class Term, class First>
HWY_INLINE float sum_in_four(Index count, const Term& term, const First& first) {
  Vector sum[4] = {constant(0.0f), constant(0.0f), constant(0.0f), constant(0.0f)};
  Index i = 0;
  for (; i + 4 * lanes() <= count; i += 4 * lanes()) {
    for (Index u = 0; u < 4; ++u) sum[u] = hn::Add(sum[u], term(i + u * lanes()));
  }
  for (; i + lanes() <= count; i += lanes()) sum[0] = hn::Add(sum[0], term(i));
  if (i < count) sum[1] = hn::Add(sum[1], first(i));
  return hn::GetLane(hn::SumOfLanes(Floats(), hn::Add(hn::Add(sum[0], sum[1]), hn::Add(sum[2], sum[3]))));
}

float row_sum(const float* a, Index count) {
  return sum_in_four(
      count, [&](Index i) HWY_ATTR { return hn::LoadU(Floats(), a + i); },
      [&](Index i) HWY_ATTR { return load_first(a + i, count - i); });
}

float row_dot(const float* a, const float* b, Index count) {
  return sum_in_four(
      count, [&](Index i) HWY_ATTR { return hn::Mul(hn::LoadU(Floats(), a + i), hn::LoadU(Floats(), b + i)); },
      [&](Index i) HWY_ATTR { return hn::Mul(load_first(a + i, count - i), load_first(b + i, count - i)); });
}

float sum_in_streams(const float* a, Index count) {
  constexpr Index kStreams = 8;
  const Floats d;
  const Index part = count / kStreams / lanes() * lanes();
  Vector sum[kStreams];
  for (Vector& stream : sum) stream = constant(0.0f);
  for (Index i = 0; i < part; i += lanes()) {
    for (Index u = 0; u < kStreams; ++u) sum[u] = hn::Add(sum[u], hn::LoadU(d, a + u * part + i));
  }
  for (Index u = 1; u < kStreams; ++u) sum[0] = hn::Add(sum[0], sum[u]);
  return hn::GetLane(hn::SumOfLanes(d, sum[0])) + row_sum(a + kStreams * part, count - kStreams * part);
}

float row_max(const float* a, Index count) {
  const Floats d;
  const float lowest = -std::numeric_limits<float>::infinity();
  Vector largest = constant(lowest);
  Index i = 0;
  for (; i + lanes() <= count; i += lanes()) largest = larger(largest, hn::LoadU(d, a + i));
  if (i < count) largest = larger(largest, keep_first(load_first(a + i, count - i), count - i, lowest));
  // Maxima of lanes lose NaN on some machines.
  if (!hn::AllFalse(d, hn::IsNaN(largest))) return std::numeric_limits<float>::quiet_NaN();
  return hn::GetLane(hn::MaxOfLanes(d, largest));
}

double squared_norm(const float* a, Index count) {
  const hn::ScalableTag<double> d;
  const hn::Rebind<float, decltype(d)> narrow;
  const auto step = static_cast<Index>(hn::Lanes(d));
  auto even = hn::Zero(d), odd = hn::Zero(d);
  Index i = 0;
  for (; i + 2 * step <= count; i += 2 * step) {
    const auto first = hn::PromoteTo(d, hn::LoadU(narrow, a + i));
    const auto second = hn::PromoteTo(d, hn::LoadU(narrow, a + i + step));
    even = hn::MulAdd(first, first, even);
    odd = hn::MulAdd(second, second, odd);
  }
  const double rest = naive::squared_norm(a + i, count - i);
  return hn::GetLane(hn::SumOfLanes(d, hn::Add(even, odd))) + rest;
}

constexpr Index kChunk = 64;

/// Adds the sums of `rows` <= kChunk rows over four, one, or less than one vector of columns.
template <int kVectors>
HWY_INLINE void add_chunk(const float* a, Index stride, Index rows, float* sums) {
  const Floats d;
  Vector sum[kVectors];
  for (int u = 0; u < kVectors; ++u) sum[u] = constant(0.0f);
  for (Index i = 0; i < rows; ++i) {
    for (int u = 0; u < kVectors; ++u) sum[u] = hn::Add(sum[u], hn::LoadU(d, a + i * stride + u * lanes()));
  }
  for (int u = 0; u < kVectors; ++u) {
    hn::StoreU(hn::Add(hn::LoadU(d, sums + u * lanes()), sum[u]), d, sums + u * lanes());
  }
}

HWY_INLINE void add_chunk_of_few(const float* a, Index stride, Index rows, Index columns, float* sums) {
  Vector sum = constant(0.0f);
  for (Index i = 0; i < rows; ++i) sum = hn::Add(sum, load_first(a + i * stride, columns));
  store_first(hn::Add(load_first(sums, columns), sum), sums, columns);
}

void add_column_sums(const float* a, Index stride, Index rows, Index columns, float* sums) {
  for (Index first = 0; first < rows; first += kChunk) {
    const Index count = std::min(kChunk, rows - first);
    const float* chunk = a + first * stride;
    Index j = 0;
    for (; j + 4 * lanes() <= columns; j += 4 * lanes()) add_chunk<4>(chunk + j, stride, count, sums + j);
    for (; j + lanes() <= columns; j += lanes()) add_chunk<1>(chunk + j, stride, count, sums + j);
    if (j < columns) add_chunk_of_few(chunk + j, stride, count, columns - j, sums + j);
  }
}

RowReductions row_reductions() { return {row_sum, row_max, row_dot}; }

}  // namespace
}  // namespace unfold::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace unfold::kernels {

HWY_EXPORT(row_reductions);
HWY_EXPORT(sum_in_streams);
HWY_EXPORT(squared_norm);
HWY_EXPORT(add_column_sums);

RowReductions row_reductions() {
  if (naive_kernels()) return {naive::row_sum<float>, naive::row_max<float>, naive::row_dot<float>};
  limit_instruction_set();
  return HWY_DYNAMIC_DISPATCH(row_reductions)();
}

float row_sum(const float* a, Index count) { return row_reductions().sum(a, count); }

float row_max(const float* a, Index count) { return row_reductions().max(a, count); }

float row_dot(const float* a, const float* b, Index count) { return row_reductions().dot(a, b, count); }

float sum_in_streams(const float* a, Index count) {
  if (naive_kernels()) return naive::row_sum(a, count);
  limit_instruction_set();
  return HWY_DYNAMIC_DISPATCH(sum_in_streams)(a, count);
}

double squared_norm(const float* a, Index count) {
  if (naive_kernels()) return naive::squared_norm(a, count);
  limit_instruction_set();
  return HWY_DYNAMIC_DISPATCH(squared_norm)(a, count);
}

void add_column_sums(const float* a, Index stride, Index rows, Index columns, float* sums) {
  if (naive_kernels()) return naive::add_column_sums(a, stride, rows, columns, sums);
  limit_instruction_set();
  HWY_DYNAMIC_DISPATCH(add_column_sums)(a, stride, rows, columns, sums);
}

}  // namespace unfold::kernels
#endif
