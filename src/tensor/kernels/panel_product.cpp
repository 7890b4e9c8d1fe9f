// A tile of rows times a panel of columns leaves its sums in registers: six rows of four vectors. While the tiles of a
// panel are computed, the next panel is brought near, a line at a time, so that a matrix that the nearer caches do not
// hold is waited for only where memory is slower than the products.
#include "tensor/kernels/panel_product.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

#include "base/tiles.h"
#include "tensor/kernels/avx512.h"
#include "tensor/kernels/packed_matrix.h"

namespace unfold::kernels {

#if UNFOLD_HAS_AVX512
namespace {

constexpr Index kLine = 64;  // bytes that memory delivers at once
/// Rows of B at a time, of those that are four bytes high: of a panel 256 KiB, which the second-level cache holds
/// beside the next.
constexpr Index kBlock = 1024;
/// Rows of A at a time.
constexpr Index kRows = 128;
constexpr int kMostVectors = kColumnBlock / kFloatLanes;

constexpr __mmask16 kAllLanes = 0xffff;

/// Elements of A and B that are multiplied and added at once, four bytes of each: a number, or a pair in bfloat16.
struct Single {
  static constexpr Index kHeight = 1;
  UNFOLD_AVX512 static __m512 add_product(__m512 sum, __m512 a, __m512 b) { return _mm512_fmadd_ps(a, b, sum); }
};

struct RoundedPair {
  static constexpr Index kHeight = 2;
  UNFOLD_AVX512 static __m512 add_product(__m512 sum, __m512 a, __m512 b) {
    return _mm512_dpbf16_ps(sum, reinterpret_cast<__m512bh>(a), reinterpret_cast<__m512bh>(b));
  }
};

/// Of a tile. Both operands in units of four bytes.
struct TileOperands {
  const float* a;
  Index a_stride;
  const float* b;
  Index k;
  float* c;
  Index c_stride;
  __mmask16 last_columns;  // of the last vector
  bool accumulate;
  const char* next;  // what is brought near, `step` bytes for each row of B
  Index step;
};

/// Without the pragmas GCC 12 unrolls too late to see that all sums can be registers.
template <class Element, int kTile, int kVectors>
UNFOLD_AVX512 void multiply_tile(const TileOperands& tile) {
  const auto [a, a_stride, b, k, c, c_stride, last_columns, accumulate, first_next, step] = tile;
  __m512 sums[kTile][kVectors];
#pragma GCC unroll 12
  for (int i = 0; i < kTile; ++i) {
#pragma GCC unroll 12
    for (int v = 0; v < kVectors; ++v) sums[i][v] = _mm512_setzero_ps();
  }
  const char* next = first_next;
#pragma GCC unroll 4
  for (Index p = 0; p < k; ++p) {
    __m512 columns[kVectors];
#pragma GCC unroll 12
    for (int v = 0; v < kVectors; ++v) columns[v] = _mm512_loadu_ps(b + p * kColumnBlock + v * kFloatLanes);
    _mm_prefetch(next, _MM_HINT_T1);
    next += step;
#pragma GCC unroll 12
    for (int i = 0; i < kTile; ++i) {
      const __m512 row = _mm512_set1_ps(a[i * a_stride + p]);
#pragma GCC unroll 12
      for (int v = 0; v < kVectors; ++v) sums[i][v] = Element::add_product(sums[i][v], row, columns[v]);
    }
  }
#pragma GCC unroll 12
  for (int i = 0; i < kTile; ++i) {
#pragma GCC unroll 12
    for (int v = 0; v < kVectors; ++v) {
      float* to = c + i * c_stride + v * kFloatLanes;
      const __mmask16 lanes = v + 1 < kVectors ? kAllLanes : last_columns;
      const __m512 before = accumulate ? _mm512_maskz_loadu_ps(lanes, to) : _mm512_setzero_ps();
      _mm512_mask_storeu_ps(to, lanes, _mm512_add_ps(before, sums[i][v]));
    }
  }
}

using MultiplyTile = void (*)(const TileOperands&);

/// For 1 row to as many as registers hold sums of.
template <class Element, int kVectors, int... kLess>
constexpr auto tiles_of(std::integer_sequence<int, kLess...>) {
  return std::array<MultiplyTile, sizeof...(kLess)>{multiply_tile<Element, kLess + 1, kVectors>...};
}

template <class Element, int kVectors, int kMostRows>
constexpr auto kTiles = tiles_of<Element, kVectors>(std::make_integer_sequence<int, kMostRows>{});

template <class Element>
std::span<const MultiplyTile> tiles(Index vectors) {
  switch (vectors) {
    case 1: return kTiles<Element, 1, 12>;
    case 2: return kTiles<Element, 2, 12>;
    case 3: return kTiles<Element, 3, 8>;
    default: return kTiles<Element, 4, 6>;
  }
}

/// A tile's operands for all rows: shared evenly among tiles, since one of few rows is slow.
void multiply_rows(std::span<const MultiplyTile> multiply, TileOperands operands, Index rows, Index next_bytes) {
  const Index count = ceil_divide(rows, static_cast<Index>(multiply.size()));
  const Index least = rows / count, higher = rows % count;  // so many tiles have a row more
  operands.step = ceil_divide(ceil_divide(next_bytes, operands.k * count), Index{8}) * 8;
  for (Index tile = 0; tile < count; ++tile) {
    const Index height = least + (tile < higher ? 1 : 0);
    multiply[static_cast<std::size_t>(height - 1)](operands);
    operands.a += height * operands.a_stride;
    operands.c += height * operands.c_stride;
    operands.next += operands.k * operands.step;
  }
}

template <class Element>
void multiply_blocks(const float* a, Index a_stride, Index m, const PackedPanels& b, Columns columns, float* c,
                     Index c_stride, bool accumulate) {
  const Index k = ceil_divide(b.k, Element::kHeight);
  for (Index first = columns.first; first < columns.last; first += kColumnBlock) {
    const Index width = std::min(kColumnBlock, columns.last - first), vectors = ceil_divide(width, kFloatLanes);
    const auto* panel = reinterpret_cast<const float*>(b.first + static_cast<std::size_t>(first / kColumnBlock) * b.bytes);
    for (Index top = 0; top < k; top += kBlock) {
      const Index height = std::min(kBlock, k - top);
      const float* block = panel + top * kColumnBlock;
      const bool is_last = top + height == k && first + kColumnBlock >= columns.last;
      multiply_rows(tiles<Element>(vectors),
                    {.a = a + top,
                     .a_stride = a_stride,
                     .b = block,
                     .k = height,
                     .c = c + first,
                     .c_stride = c_stride,
                     .last_columns = first_lanes(width - (vectors - 1) * kFloatLanes),
                     .accumulate = accumulate || top > 0,
                     .next = reinterpret_cast<const char*>(block + height * kColumnBlock),
                     .step = 0},
                    m, is_last ? 0 : height * kColumnBlock * Index{sizeof(float)});
    }
  }
}

}  // namespace

bool multiplies_panels(Precision precision) {
  return precision == Precision::kBfloat16 ? has_fast_bfloat16() : has_avx512();
}

void multiply_panels(const void* a, Index a_stride, Index m, const PackedPanels& b, Columns columns, float* c,
                     Index c_stride, bool accumulate) {
  const bool is_rounded = b.precision == Precision::kBfloat16;
  const auto multiply = is_rounded ? multiply_blocks<RoundedPair> : multiply_blocks<Single>;
  const Index stride = is_rounded ? a_stride / RoundedPair::kHeight : a_stride;
  for (Index row = 0; row < m; row += kRows) {
    multiply(static_cast<const float*>(a) + row * stride, stride, std::min(kRows, m - row), b, columns,
             c + row * c_stride, c_stride, accumulate);
  }
}

#else

bool multiplies_panels(Precision) { return false; }

void multiply_panels(const void*, Index, Index, const PackedPanels&, Columns, float*, Index, bool) {}

#endif

}  // namespace unfold::kernels
