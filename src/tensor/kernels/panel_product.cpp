// A tile of rows times a panel of columns leaves its sums in registers: six rows of four vectors. While the tiles of a
// panel are computed, the next panel is brought near, a line at a time, so that a matrix that the nearer caches do not
// hold is waited for only where memory is slower than the products.
#include "tensor/kernels/panel_product.h"

#include <algorithm>
#include <array>
#include <span>
#include <utility>

#include "base/tiles.h"
#include "tensor/kernels/packed_matrix.h"
#include "tensor/kernels/tile.h"

namespace unfold::kernels {

#if UNFOLD_HAS_AVX512
namespace {

/// Most rows of B at a time, of those that are four bytes high: of a panel 256 KiB, which the second-level cache holds
/// beside the next.
constexpr Index kMostRowsOfB = 1024;
/// Rows of A at a time.
constexpr Index kRowsOfA = 128;

/// For 1 row to as many as registers hold sums of.
template <class Element, int kVectors, int... kLess>
constexpr auto tiles_of(std::integer_sequence<int, kLess...>) {
  return std::array<MultiplyTile, sizeof...(kLess)>{
      multiply_tile<Element, RowsOfA::kApart, kColumnBlock, kLess + 1, kVectors>...};
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

/// All rows with one panel. They are shared evenly among tiles, since one of few rows is slow. `next_bytes`: brought
/// near for each row of the panel.
void multiply_rows(std::span<const MultiplyTile> multiply, Tile operands, Index rows, Index next_bytes) {
  const Index count = ceil_divide(rows, static_cast<Index>(multiply.size()));
  const Index least = rows / count, higher = rows % count;  // so many tiles have a row more
  operands.step = step_for(next_bytes, count);
  for (Index tile = 0; tile < count; ++tile) {
    const Index height = least + (tile < higher ? 1 : 0);
    operands.rows = height;
    multiply[static_cast<std::size_t>(height - 1)](operands);
    operands.a += height * operands.a_stride;
    operands.c += height * operands.c_stride;
    operands.next += operands.k * operands.step;
  }
}

/// A panel of a single column, of which a vector would hold fifteen for nothing: a dot product for each of its m
/// rows.
template <class Element>
UNFOLD_AVX512 void multiply_column(const Tile& operands, Index m) {
  constexpr Index kTogether = 4;  // rows, whose sums do not wait for one another
  const auto [a, a_stride, b, k, c, c_stride, rows, last_columns, accumulate, next, step, shift] = operands;
  alignas(64) Word column[kMostRowsOfB];
  for (Index p = 0; p < k; ++p) column[p] = b[p * kColumnBlock];
  for (Index row = 0; row < m; row += kTogether) {
    const Index count = std::min(kTogether, m - row);
    __m512 sums[kTogether] = {_mm512_setzero_ps(), _mm512_setzero_ps(), _mm512_setzero_ps(), _mm512_setzero_ps()};
    for (Index p = 0; p < k; p += kFloatLanes) {
      const __mmask16 lanes = first_lanes(k - p);
      const __m512 values = _mm512_maskz_loadu_ps(lanes, column + p);
#pragma GCC unroll 4
      for (Index i = 0; i < kTogether; ++i) {
        const Index of_row = row + std::min(i, count - 1);
        sums[i] = Element::add_product(sums[i], _mm512_maskz_loadu_ps(lanes, a + of_row * a_stride + p), values);
      }
    }
    for (Index i = 0; i < count; ++i) {
      float& to = c[(row + i) * c_stride];
      to = (accumulate ? to : 0.0F) + _mm512_reduce_add_ps(sums[i]);
    }
  }
}

template <class Element>
void multiply_blocks(const Word* a, Index a_stride, Index m, const PackedPanels& b, Columns columns, float* c,
                     Index c_stride, bool accumulate) {
  const Index k = ceil_divide(b.k, Element::kRows), block_height = ceil_divide(k, ceil_divide(k, kMostRowsOfB));
  for (Index first = columns.first; first < columns.last; first += kColumnBlock) {
    const Index width = std::min(kColumnBlock, columns.last - first), vectors = ceil_divide(width, kFloatLanes);
    const auto* panel =
        reinterpret_cast<const Word*>(b.first + static_cast<std::size_t>(first / kColumnBlock) * b.bytes);
    for (Index top = 0; top < k; top += block_height) {
      const Index height = std::min(block_height, k - top);
      const Word* block = panel + top * kColumnBlock;
      const bool is_last = top + height == k && first + kColumnBlock >= columns.last;
      const Tile tile = {.a = a + top,
                         .a_stride = a_stride,
                         .b = block,
                         .k = height,
                         .c = c + first,
                         .c_stride = c_stride,
                         .rows = 0,
                         .last_columns = first_lanes(width - (vectors - 1) * kFloatLanes),
                         .accumulate = accumulate || top > 0,
                         .next = reinterpret_cast<const char*>(block + height * kColumnBlock),
                         .step = 0};
      if (width == 1) {
        multiply_column<Element>(tile, m);
      } else {
        multiply_rows(tiles<Element>(vectors), tile, m, is_last ? 0 : kColumnBlock * Index{sizeof(float)});
      }
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
  const Index stride = is_rounded ? a_stride / RoundedPair::kRows : a_stride;
  for (Index row = 0; row < m; row += kRowsOfA) {
    multiply(static_cast<const Word*>(a) + row * stride, stride, std::min(kRowsOfA, m - row), b, columns,
             c + row * c_stride, c_stride, accumulate);
  }
}

#else

bool multiplies_panels(Precision) { return false; }

void multiply_panels(const void*, Index, Index, const PackedPanels&, Columns, float*, Index, bool) {}

#endif

}  // namespace unfold::kernels
