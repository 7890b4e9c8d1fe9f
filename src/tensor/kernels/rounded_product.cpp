// For processors with bfloat16 instructions, which multiply pairs of rows: lane j of a sum grows by
// a[2p, i] b[2p, j] + a[2p + 1, i] b[2p + 1, j] at once.
//
// Blocks of K rows are rounded and packed in the order in which they are read: B as panels of 48 columns, a few columns
// of A at a time as tiles of 8. A tile times a panel is 8 rows of three vectors of sums, which registers hold.
#include "tensor/kernels/rounded_product.h"

#include <algorithm>
#include <array>

#include "base/tiles.h"
#include "tensor/kernels/rounded_product_naive.h"
#include "tensor/kernels/row_pairs.h"
#include "tensor/kernels/tile.h"

namespace unfold::kernels {

#if UNFOLD_HAS_AVX512
namespace {

constexpr Index kTile = 8;
constexpr Index kPanel = 3 * kFloatLanes;
/// Most pairs of rows of a block: a panel of them, 96 KiB, is read once for each tile; a tile, 16 KiB, stays in the
/// first cache. Not quite 512, so that the tiles that are packed together do not meet in one place of it.
constexpr Index kBlockPairs = 510;
/// Columns of A that are packed at once, and of B: 384 KiB and 2 MiB.
constexpr Index kColumnsOfA = 24 * kTile;
constexpr Index kColumnsOfB = 22 * kPanel;

/// Of the calling thread.
Pair* scratch(Index pairs) {
  thread_local BasicTensor<Pair> memory;
  if (memory.count() < pairs) memory = BasicTensor<Pair>::uninitialised({pairs});
  return memory.data();
}

/// A and B of a block, packed.
struct Block {
  Panels a, b;
};

/// C [M, N] = A^T B of a block, or C += A^T B.
void multiply_block(const Block& block, Index m, Index n, float* c, Index c_stride, bool accumulate) {
  constexpr std::array<MultiplyTile, 3> kTiles = {multiply_tile<RoundedPair, RowsOfA::kTogether, kPanel, kTile, 1>,
                                                  multiply_tile<RoundedPair, RowsOfA::kTogether, kPanel, kTile, 2>,
                                                  multiply_tile<RoundedPair, RowsOfA::kTogether, kPanel, kTile, 3>};
  const Index pairs = block.b.pairs, tiles = ceil_divide(m, kTile);
  for (Index column = 0; column < n; column += kPanel) {
    const Index width = std::min(kPanel, n - column), vectors = ceil_divide(width, kFloatLanes);
    const Pair* panel = block.b.first + column * pairs;
    const bool is_last = column + kPanel >= n;
    Tile tile = {.a = reinterpret_cast<const Word*>(block.a.first),
                 .a_stride = kTile,
                 .b = reinterpret_cast<const Word*>(panel),
                 .k = pairs,
                 .c = c + column,
                 .c_stride = c_stride,
                 .rows = 0,
                 .last_columns = first_lanes(width - (vectors - 1) * kFloatLanes),
                 .accumulate = accumulate,
                 .next = reinterpret_cast<const char*>(panel + pairs * kPanel),
                 .step = is_last ? 0 : step_for(kPanel * Index{sizeof(Pair)}, tiles)};
    for (Index row = 0; row < m; row += kTile) {
      tile.rows = std::min(kTile, m - row);
      kTiles[static_cast<std::size_t>(vectors - 1)](tile);
      tile.a += pairs * kTile;
      tile.c += kTile * c_stride;
      tile.next += pairs * tile.step;
    }
  }
}

void multiply_blocks(MatrixRows a, MatrixRows b, Index n, Index k, std::span<const GradientPart> parts,
                     bool accumulate) {
  const Index all_pairs = ceil_divide(k, Index{2});
  const Index most_pairs = ceil_divide(all_pairs, ceil_divide(all_pairs, kBlockPairs));  // blocks are of one size
  const Index panels = ceil_divide(std::min(n, kColumnsOfB), kPanel);
  Pair* const packed_b = scratch(most_pairs * (panels * kPanel + kColumnsOfA));
  Pair* const packed_a = packed_b + most_pairs * panels * kPanel;
  for (Index left = 0; left < n; left += kColumnsOfB) {
    const Index width = std::min(kColumnsOfB, n - left);
    for (Index top = 0; top < k; top += 2 * most_pairs) {
      const Index rows = std::min(2 * most_pairs, k - top), pairs = ceil_divide(rows, Index{2});
      const Block block = {.a = {kTile, pairs, packed_a}, .b = {kPanel, pairs, packed_b}};
      round_to_panels(b.data + top * b.stride + left, b.stride, rows, width, block.b);
      for (const GradientPart& part : parts) {
        for (Index i = part.columns.first; i < part.columns.last; i += kColumnsOfA) {
          const Index height = std::min(kColumnsOfA, part.columns.last - i);
          round_to_panels(a.data + top * a.stride + i, a.stride, rows, height, block.a);
          float* c = part.c + (i - part.columns.first) * part.c_stride + left;
          multiply_block(block, height, width, c, part.c_stride, accumulate || top > 0);
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
  const GradientPart all = {.columns = {0, m}, .c = c, .c_stride = c_stride};
  if (has_fast_bfloat16() && k > 0) return multiply_blocks({a, a_stride}, {b, b_stride}, n, k, {&all, 1}, accumulate);
#endif
  naive::multiply_transposed_rounded(a, a_stride, b, b_stride, m, n, k, c, c_stride, accumulate);
}

void add_rounded_products(MatrixRows a, MatrixRows b, Index n, Index k, std::span<const GradientPart> parts) {
#if UNFOLD_HAS_AVX512
  if (has_fast_bfloat16() && k > 0) return multiply_blocks(a, b, n, k, parts, true);
#endif
  for (const GradientPart& part : parts) {
    const Index columns = part.columns.last - part.columns.first;
    naive::multiply_transposed_rounded(a.data + part.columns.first, a.stride, b.data, b.stride, columns, n, k, part.c,
                                       part.c_stride, true);
  }
}

}  // namespace unfold::kernels
