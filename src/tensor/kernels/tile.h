// The innermost part of the matrix products on processors with AVX-512: a tile of rows times a panel of columns, whose
// sums registers hold.
#pragma once

#include "base/tiles.h"
#include "tensor/kernels/avx512.h"

#if UNFOLD_HAS_AVX512

namespace unfold::kernels {

/// Elements of A and B that are multiplied and added at once, four bytes of each: a number, or a pair in bfloat16, of
/// two columns of A and two rows of B.
struct Single {
  static constexpr Index kRows = 1;
  UNFOLD_AVX512 static __m512 add_product(__m512 sum, __m512 a, __m512 b) { return _mm512_fmadd_ps(a, b, sum); }
};

struct RoundedPair {
  static constexpr Index kRows = 2;
  UNFOLD_AVX512 static __m512 add_product(__m512 sum, __m512 a, __m512 b) {
    return _mm512_dpbf16_ps(sum, reinterpret_cast<__m512bh>(a), reinterpret_cast<__m512bh>(b));
  }
};

/// Four bytes of an operand; what they hold is the element's to say.
using Word [[gnu::may_alias]] = float;

/// Where a tile's rows of A lie: `a_stride` from row to row, or one column of all rows after another, `a_stride` from
/// column to column.
enum class RowsOfA { kApart, kTogether };

/// C = A B or C += A B of one tile; A and B in words.
struct Tile {
  const Word* a;
  Index a_stride;
  const Word* b;
  Index k;
  float* c;
  Index c_stride;
  Index rows;              // of C; no more than the kernel's
  __mmask16 last_columns;  // of the last vector
  bool accumulate;
  const char* next;  // what is brought near meanwhile,
  Index step;        // so many bytes further for each 2^shift rows of B
  int shift = 0;
};

/// The step at which `tiles` tiles together bring near `bytes` for each row of B.
inline Index step_for(Index bytes, Index tiles) {
  constexpr Index kAligned = 8;
  return ceil_divide(bytes, tiles * kAligned) * kAligned;
}

/// For kRows rows and kVectors vectors of a panel that is kWidth columns wide. Without the pragmas GCC 12 unrolls too
/// late to see that all sums can be registers.
template <class Element, RowsOfA kRowsOfA, Index kWidth, int kRows, int kVectors>
UNFOLD_AVX512 void multiply_tile(const Tile& tile) {
  const auto [a, a_stride, b, k, c, c_stride, rows, last_columns, accumulate, next, step, shift] = tile;
  if (accumulate) {
    for (Index i = 0; i < rows; ++i) {
      for (int v = 0; v < kVectors; ++v) _mm_prefetch(c + i * c_stride + v * kFloatLanes, _MM_HINT_T0);
    }
  }
  __m512 sums[kRows][kVectors];
#pragma GCC unroll 12
  for (int i = 0; i < kRows; ++i) {
#pragma GCC unroll 12
    for (int v = 0; v < kVectors; ++v) sums[i][v] = _mm512_setzero_ps();
  }
#pragma GCC unroll 4
  for (Index p = 0; p < k; ++p) {
    __m512 columns[kVectors];
#pragma GCC unroll 12
    for (int v = 0; v < kVectors; ++v) columns[v] = _mm512_loadu_ps(b + p * kWidth + v * kFloatLanes);
    _mm_prefetch(next + (p >> shift) * step, _MM_HINT_T1);
#pragma GCC unroll 12
    for (int i = 0; i < kRows; ++i) {
      const __m512 row = _mm512_set1_ps(kRowsOfA == RowsOfA::kApart ? a[i * a_stride + p] : a[p * a_stride + i]);
#pragma GCC unroll 12
      for (int v = 0; v < kVectors; ++v) sums[i][v] = Element::add_product(sums[i][v], row, columns[v]);
    }
  }
#pragma GCC unroll 12
  for (int i = 0; i < kRows; ++i) {
    if (i >= rows) break;
#pragma GCC unroll 12
    for (int v = 0; v < kVectors; ++v) {
      float* to = c + i * c_stride + v * kFloatLanes;
      const __mmask16 lanes = v + 1 < kVectors ? __mmask16(0xffff) : last_columns;
      const __m512 before = accumulate ? _mm512_maskz_loadu_ps(lanes, to) : _mm512_setzero_ps();
      _mm512_mask_storeu_ps(to, lanes, _mm512_add_ps(before, sums[i][v]));
    }
  }
}

using MultiplyTile = void (*)(const Tile&);

}  // namespace unfold::kernels

#endif
