#include "tensor/kernels/row_pairs.h"

#include <algorithm>

#include "base/tiles.h"
#include "tensor/kernels/avx512.h"
#include "tensor/kernels/bfloat16_naive.h"

namespace unfold::kernels {

#if UNFOLD_HAS_AVX512
namespace {

/// Rows that are brought near before they are packed: of few columns of each, the processor does not guess the next.
constexpr Index kAhead = 16;

/// 16 columns of two rows, as pairs. A row may be missing: null.
UNFOLD_AVX512 inline __m512i pairs_of(const float* upper, const float* lower, __mmask16 columns) {
  alignas(64) static constexpr std::int16_t kInterleaved[32] = {0,  16, 1,  17, 2,  18, 3,  19, 4,  20, 5,
                                                                21, 6,  22, 7,  23, 8,  24, 9,  25, 10, 26,
                                                                11, 27, 12, 28, 13, 29, 14, 30, 15, 31};
  const __m512 first = upper == nullptr ? _mm512_setzero_ps() : _mm512_maskz_loadu_ps(columns, upper);
  const __m512 second = lower == nullptr ? _mm512_setzero_ps() : _mm512_maskz_loadu_ps(columns, lower);
  const auto both = reinterpret_cast<__m512i>(_mm512_cvtne2ps_pbh(second, first));
  return _mm512_permutexvar_epi16(_mm512_load_si512(kInterleaved), both);
}

/// 16 columns from column j of pair p on: to one panel, or half of them to each of two.
UNFOLD_AVX512 inline void store_pairs(__m512i pairs, const Panels& to, Index p, Index j) {
  Pair* target = to.first + (j / to.width * to.pairs + p) * to.width + j % to.width;
  if (to.width % kFloatLanes == 0) return _mm512_storeu_si512(target, pairs);
  _mm256_storeu_si256(reinterpret_cast<__m256i*>(target), _mm512_castsi512_si256(pairs));
  _mm256_storeu_si256(reinterpret_cast<__m256i*>(target + to.pairs * to.width), _mm512_extracti64x4_epi64(pairs, 1));
}

UNFOLD_AVX512 void round_fast(const float* from, Index stride, Index rows, Index columns, const Panels& to) {
  const Index width = std::max(to.width, kFloatLanes);
  const Index filled = ceil_divide(columns, width) * width;
  for (Index p = 0; p < to.pairs; ++p) {
    const float* upper = from + 2 * p * stride;
    for (Index j = 0; j < filled; j += kFloatLanes) {
      _mm_prefetch(upper + kAhead * stride + j, _MM_HINT_T0);
      _mm_prefetch(upper + (kAhead + 1) * stride + j, _MM_HINT_T0);
      const auto row = [&](Index number) { return 2 * p + number < rows ? upper + number * stride + j : nullptr; };
      store_pairs(pairs_of(row(0), row(1), first_lanes(columns - j)), to, p, j);
    }
  }
}

}  // namespace
#endif

void round_to_panels(const float* from, Index stride, Index rows, Index columns, const Panels& to) {
#if UNFOLD_HAS_AVX512
  if (has_fast_bfloat16()) return round_fast(from, stride, rows, columns, to);
#endif
  naive::round_to_panels(from, stride, rows, columns, to);
}

void naive::round_to_panels(const float* from, Index stride, Index rows, Index columns, const Panels& to) {
  const Index width = std::max(to.width, Index{16});
  for (Index j = 0; j < ceil_divide(columns, width) * width; ++j) {
    for (Index p = 0; p < to.pairs; ++p) {
      const auto element = [&](Index row) {
        return row < rows && j < columns ? Pair{round_to_bfloat16(from[row * stride + j])} : Pair{0};
      };
      to.first[(j / to.width * to.pairs + p) * to.width + j % to.width] = element(2 * p) | element(2 * p + 1) << 16;
    }
  }
}

}  // namespace unfold::kernels
