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

/// Whether 16 columns go to one panel, or half of them to each of two.
enum class Width { kWhole, kHalf };

template <Width kWidth>
UNFOLD_AVX512 void round_fast(const float* from, Index stride, Index rows, Index columns, const Panels& to) {
  const Index panel = to.pairs * to.width;
  for (Index p = 0; p < to.pairs; ++p) {
    const float *upper = 2 * p < rows ? from + 2 * p * stride : nullptr,
                *lower = 2 * p + 1 < rows ? from + (2 * p + 1) * stride : nullptr;
    const float* ahead = from + (2 * p + kAhead) * stride;
    Pair* target = to.first + p * to.width;
    Index left = to.width;  // of the panel
    for (Index j = 0; j < columns || (kWidth == Width::kWhole && left < to.width); j += kFloatLanes) {
      _mm_prefetch(ahead + j, _MM_HINT_T0);
      _mm_prefetch(ahead + stride + j, _MM_HINT_T0);
      const __m512i pairs = pairs_of(upper == nullptr ? nullptr : upper + j, lower == nullptr ? nullptr : lower + j,
                                     first_lanes(columns - j));
      if constexpr (kWidth == Width::kWhole) {
        _mm512_storeu_si512(target, pairs);
        target += kFloatLanes;
        left -= kFloatLanes;
        if (left > 0) continue;
        target += panel - to.width;
        left = to.width;
      } else {
        _mm256_storeu_si256(reinterpret_cast<__m256i*>(target), _mm512_castsi512_si256(pairs));
        _mm256_storeu_si256(reinterpret_cast<__m256i*>(target + panel), _mm512_extracti64x4_epi64(pairs, 1));
        target += 2 * panel;
      }
    }
  }
}

}  // namespace
#endif

void round_to_panels(const float* from, Index stride, Index rows, Index columns, const Panels& to) {
#if UNFOLD_HAS_AVX512
  if (has_fast_bfloat16()) {
    const auto round = to.width < kFloatLanes ? round_fast<Width::kHalf> : round_fast<Width::kWhole>;
    return round(from, stride, rows, columns, to);
  }
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
