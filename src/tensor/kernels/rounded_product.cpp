// For processors with bfloat16 instructions, which multiply pairs of rows: lane j of a sum grows by
// a[2p, i] b[2p, j] + a[2p + 1, i] b[2p + 1, j] at once.
//
// Blocks of K rows are rounded and packed in the order in which they are read: B as panels of 48 columns, a few columns
// of A at a time as tiles of 8. A tile times a panel is 8 rows of three vectors of sums, which registers hold.
#include "tensor/kernels/rounded_product.h"

#include <algorithm>

#include "base/tiles.h"
#include "tensor/kernels/avx512.h"
#include "tensor/kernels/rounded_product_naive.h"
#include "tensor/kernels/row_pairs.h"

namespace unfold::kernels {

#if UNFOLD_HAS_AVX512
namespace {

constexpr Index kTile = 8;
constexpr Index kPanel = 3 * kFloatLanes;
/// Pairs of rows of a block: a panel of them, 96 KiB, is read once for each tile; a tile, 16 KiB, stays in the first
/// cache.
constexpr Index kBlockPairs = 512;
/// Columns of A that are packed at once, and of B: 192 KiB and 2 MiB.
constexpr Index kColumnsOfA = 12 * kTile;
constexpr Index kColumnsOfB = 22 * kPanel;

/// Where a tile's sums go: `rows` <= kTile of `columns` <= kPanel elements.
struct Target {
  float* c;
  Index stride, rows, columns;
  bool accumulate;
};

template <int kVectors>
UNFOLD_AVX512 void multiply_tile(const Pair* a, const Pair* b, Index pairs, const Target& target) {
  for (Index i = 0; i < target.rows; ++i) {
    for (int v = 0; v < kVectors; ++v) _mm_prefetch(target.c + i * target.stride + v * kFloatLanes, _MM_HINT_T0);
  }
  __m512 sums[kTile][kVectors];
  for (auto& row : sums) {
    for (auto& sum : row) sum = _mm512_setzero_ps();
  }
#pragma GCC unroll 2
  for (Index p = 0; p < pairs; ++p) {
    __m512bh columns[kVectors];
    for (int v = 0; v < kVectors; ++v) {
      columns[v] = reinterpret_cast<__m512bh>(_mm512_load_si512(b + p * kPanel + v * kFloatLanes));
    }
    for (Index i = 0; i < kTile; ++i) {
      const auto row = reinterpret_cast<__m512bh>(_mm512_set1_epi32(static_cast<int>(a[p * kTile + i])));
      for (int v = 0; v < kVectors; ++v) sums[i][v] = _mm512_dpbf16_ps(sums[i][v], row, columns[v]);
    }
  }
  for (Index i = 0; i < target.rows; ++i) {
    for (int v = 0; v < kVectors; ++v) {
      float* c = target.c + i * target.stride + v * kFloatLanes;
      const __mmask16 lanes = first_lanes(target.columns - v * kFloatLanes);
      const __m512 before = target.accumulate ? _mm512_maskz_loadu_ps(lanes, c) : _mm512_setzero_ps();
      _mm512_mask_storeu_ps(c, lanes, _mm512_add_ps(before, sums[i][v]));
    }
  }
}

/// Of the calling thread.
Pair* scratch(Index pairs) {
  thread_local BasicTensor<Pair> memory;
  if (memory.count() < pairs) memory = BasicTensor<Pair>::uninitialised({pairs});
  return memory.data();
}

/// A matrix's elements, `stride` between rows.
struct Rows {
  const float* first;
  Index stride;
};

void multiply_blocks(Rows a, Rows b, Index m, Index n, Index k, float* c, Index c_stride, bool accumulate) {
  const Index most_pairs = std::min(kBlockPairs, ceil_divide(k, Index{2}));
  const Index panels = ceil_divide(std::min(n, kColumnsOfB), kPanel);
  Pair* const packed_b = scratch(most_pairs * (panels * kPanel + kColumnsOfA));
  Pair* const packed_a = packed_b + most_pairs * panels * kPanel;
  for (Index left = 0; left < n; left += kColumnsOfB) {
    const Index width = std::min(kColumnsOfB, n - left);
    for (Index top = 0; top < k; top += 2 * kBlockPairs) {
      const Index rows = std::min(2 * kBlockPairs, k - top), pairs = ceil_divide(rows, Index{2});
      round_to_panels(b.first + top * b.stride + left, b.stride, rows, width, {kPanel, pairs, packed_b});
      for (Index i = 0; i < m; i += kColumnsOfA) {
        const Index height = std::min(kColumnsOfA, m - i);
        round_to_panels(a.first + top * a.stride + i, a.stride, rows, height, {kTile, pairs, packed_a});
        for (Index j = 0; j < width; j += kPanel) {
          for (Index row = 0; row < height; row += kTile) {
            const Target target = {.c = c + (i + row) * c_stride + left + j,
                                   .stride = c_stride,
                                   .rows = std::min(kTile, height - row),
                                   .columns = std::min(kPanel, width - j),
                                   .accumulate = accumulate || top > 0};
            const auto multiply = target.columns > 2 * kFloatLanes ? multiply_tile<3>
                                  : target.columns > kFloatLanes   ? multiply_tile<2>
                                                                   : multiply_tile<1>;
            multiply(packed_a + row * pairs, packed_b + j * pairs, pairs, target);
          }
        }
      }
    }
  }
}

}  // namespace
#endif

void multiply_transposed_rounded(const float* a, Index a_stride, const float* b, Index b_stride, Index m, Index n,
                                 Index k, float* c, Index c_stride, bool accumulate) {
#if UNFOLD_HAS_AVX512
  if (has_fast_bfloat16() && k > 0)
    return multiply_blocks({a, a_stride}, {b, b_stride}, m, n, k, c, c_stride, accumulate);
#endif
  naive::multiply_transposed_rounded(a, a_stride, b, b_stride, m, n, k, c, c_stride, accumulate);
}

}  // namespace unfold::kernels
