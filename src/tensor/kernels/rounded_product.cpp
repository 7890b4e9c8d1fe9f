// For processors with bfloat16 instructions, which multiply pairs of rows: lane j of a sum grows by
// a[2p, i] b[2p, j] + a[2p + 1, i] b[2p + 1, j] at once.
//
// Blocks of K rows are rounded and packed in the order in which they are read: B as panels of 48 columns, a few columns
// of A at a time as tiles of 8. A tile times a panel is 8 rows of three vectors of sums, which registers hold.
#include "tensor/kernels/rounded_product.h"

#include <algorithm>
#include <cstdint>

#include "base/tiles.h"
#include "tensor/kernels/choice.h"
#include "tensor/kernels/rounded_product_naive.h"
#include "unfold/precision.h"

#if defined(__x86_64__)
#include <immintrin.h>
// GCC 12 takes what its intrinsics leave undefined for a mistake.
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#define UNFOLD_BFLOAT16 __attribute__((target("avx512f,avx512bw,avx512vl,avx512bf16")))
#endif

namespace unfold::kernels {

#if defined(__x86_64__)
namespace {

constexpr Index kLanes = 16;
constexpr Index kTile = 8;
constexpr Index kPanel = 3 * kLanes;
/// Pairs of rows of a block: a panel of them, 96 KiB, is read once for each tile; a tile, 16 KiB, stays in the first
/// cache.
constexpr Index kBlockPairs = 512;
/// Columns of A that are packed at once, and of B: 192 KiB and 2 MiB.
constexpr Index kColumnsOfA = 12 * kTile;
constexpr Index kColumnsOfB = 22 * kPanel;

/// Rows that are brought near before they are packed: of few columns of each, the processor does not guess the next.
constexpr Index kAhead = 16;

/// A pair of rows in one column.
using Pair = std::uint32_t;

__mmask16 first_lanes(Index count) { return static_cast<__mmask16>(count >= kLanes ? 0xffff : (1U << count) - 1U); }

/// The lines at the same place of two rows; they need not exist.
void bring_near(const float* upper, Index stride) {
  _mm_prefetch(upper, _MM_HINT_T0);
  _mm_prefetch(upper + stride, _MM_HINT_T0);
}

/// 16 columns of two rows, rounded, as pairs. `lower` may be null: K is odd, and its last row has a row of zeros
/// beside.
UNFOLD_BFLOAT16 inline __m512i pairs_of(const float* upper, const float* lower, __mmask16 columns) {
  alignas(64) static constexpr std::int16_t kInterleaved[32] = {0,  16, 1,  17, 2,  18, 3,  19, 4,  20, 5,
                                                                21, 6,  22, 7,  23, 8,  24, 9,  25, 10, 26,
                                                                11, 27, 12, 28, 13, 29, 14, 30, 15, 31};
  const __m512 first = _mm512_maskz_loadu_ps(columns, upper);
  const __m512 second = lower == nullptr ? _mm512_setzero_ps() : _mm512_maskz_loadu_ps(columns, lower);
  const auto both = reinterpret_cast<__m512i>(_mm512_cvtne2ps_pbh(second, first));
  return _mm512_permutexvar_epi16(_mm512_load_si512(kInterleaved), both);
}

/// A matrix's elements, `stride` between rows.
struct Rows {
  const float* first;
  Index stride;
};

/// `rows` x `columns`, rounded, to panels [columns / kPanel, pairs, kPanel]; missing columns are zeros.
UNFOLD_BFLOAT16 void pack_panels(Rows from, Index rows, Index columns, Pair* to) {
  const Index pairs = ceil_divide(rows, Index{2});
  for (Index p = 0; p < pairs; ++p) {
    const float* upper = from.first + 2 * p * from.stride;
    const float* lower = 2 * p + 1 < rows ? upper + from.stride : nullptr;
    for (Index j = 0; j < columns; j += kLanes) {
      bring_near(upper + kAhead * from.stride + j, from.stride);
      Pair* target = to + (j / kPanel * pairs + p) * kPanel + j % kPanel;
      _mm512_store_si512(target, pairs_of(upper + j, lower == nullptr ? lower : lower + j, first_lanes(columns - j)));
    }
  }
}

/// The same to tiles [columns / kTile, pairs, kTile], of which there is an even number.
UNFOLD_BFLOAT16 void pack_tiles(Rows from, Index rows, Index columns, Pair* to) {
  const Index pairs = ceil_divide(rows, Index{2});
  for (Index p = 0; p < pairs; ++p) {
    const float* upper = from.first + 2 * p * from.stride;
    const float* lower = 2 * p + 1 < rows ? upper + from.stride : nullptr;
    for (Index j = 0; j < columns; j += kLanes) {
      bring_near(upper + kAhead * from.stride + j, from.stride);
      const __m512i both = pairs_of(upper + j, lower == nullptr ? lower : lower + j, first_lanes(columns - j));
      auto* target = to + (j / kTile * pairs + p) * kTile;
      _mm256_store_si256(reinterpret_cast<__m256i*>(target), _mm512_castsi512_si256(both));
      _mm256_store_si256(reinterpret_cast<__m256i*>(target + pairs * kTile), _mm512_extracti64x4_epi64(both, 1));
    }
  }
}

/// Where a tile's sums go: `rows` <= kTile of `columns` <= kPanel elements.
struct Target {
  float* c;
  Index stride, rows, columns;
  bool accumulate;
};

template <int kVectors>
UNFOLD_BFLOAT16 void multiply_tile(const Pair* a, const Pair* b, Index pairs, const Target& target) {
  for (Index i = 0; i < target.rows; ++i) {
    for (int v = 0; v < kVectors; ++v) _mm_prefetch(target.c + i * target.stride + v * kLanes, _MM_HINT_T0);
  }
  __m512 sums[kTile][kVectors];
  for (auto& row : sums) {
    for (auto& sum : row) sum = _mm512_setzero_ps();
  }
#pragma GCC unroll 2
  for (Index p = 0; p < pairs; ++p) {
    __m512bh columns[kVectors];
    for (int v = 0; v < kVectors; ++v) {
      columns[v] = reinterpret_cast<__m512bh>(_mm512_load_si512(b + p * kPanel + v * kLanes));
    }
    for (Index i = 0; i < kTile; ++i) {
      const auto row = reinterpret_cast<__m512bh>(_mm512_set1_epi32(static_cast<int>(a[p * kTile + i])));
      for (int v = 0; v < kVectors; ++v) sums[i][v] = _mm512_dpbf16_ps(sums[i][v], row, columns[v]);
    }
  }
  for (Index i = 0; i < target.rows; ++i) {
    for (int v = 0; v < kVectors; ++v) {
      float* c = target.c + i * target.stride + v * kLanes;
      const __mmask16 lanes = first_lanes(target.columns - v * kLanes);
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

void multiply_blocks(Rows a, Rows b, Index m, Index n, Index k, float* c, Index c_stride, bool accumulate) {
  const Index most_pairs = std::min(kBlockPairs, ceil_divide(k, Index{2}));
  const Index panels = ceil_divide(std::min(n, kColumnsOfB), kPanel);
  Pair* const packed_b = scratch(most_pairs * (panels * kPanel + kColumnsOfA));
  Pair* const packed_a = packed_b + most_pairs * panels * kPanel;
  for (Index left = 0; left < n; left += kColumnsOfB) {
    const Index width = std::min(kColumnsOfB, n - left);
    for (Index top = 0; top < k; top += 2 * kBlockPairs) {
      const Index rows = std::min(2 * kBlockPairs, k - top), pairs = ceil_divide(rows, Index{2});
      pack_panels({b.first + top * b.stride + left, b.stride}, rows, width, packed_b);
      for (Index i = 0; i < m; i += kColumnsOfA) {
        const Index height = std::min(kColumnsOfA, m - i);
        pack_tiles({a.first + top * a.stride + i, a.stride}, rows, height, packed_a);
        for (Index j = 0; j < width; j += kPanel) {
          for (Index row = 0; row < height; row += kTile) {
            const Target target = {.c = c + (i + row) * c_stride + left + j,
                                   .stride = c_stride,
                                   .rows = std::min(kTile, height - row),
                                   .columns = std::min(kPanel, width - j),
                                   .accumulate = accumulate || top > 0};
            const auto multiply = target.columns > 2 * kLanes ? multiply_tile<3>
                                  : target.columns > kLanes   ? multiply_tile<2>
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
#if defined(__x86_64__)
  static const bool is_fast = multiplies_bfloat16() && !naive_kernels();
  if (is_fast && k > 0) return multiply_blocks({a, a_stride}, {b, b_stride}, m, n, k, c, c_stride, accumulate);
#endif
  naive::multiply_transposed_rounded(a, a_stride, b, b_stride, m, n, k, c, c_stride, accumulate);
}

}  // namespace unfold::kernels
