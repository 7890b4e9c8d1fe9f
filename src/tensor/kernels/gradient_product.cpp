// In float32 on processors with AVX-512, unless B has few columns: blocks of some hundred rows of K. Of B a block is
// packed as panels of 48 columns, which the second-level cache holds; of A 16 columns at a time, which the first holds.
// 8 of these times a panel are 8 rows of three vectors of sums, which registers hold. While 16 columns are multiplied
// with all panels, the next ones are brought near and packed, some rows after each product, and so is a part of the
// next block of B: what is read lies in memory a line to a page, which takes long to arrive unless it was asked for
// long before.
#include "tensor/kernels/gradient_product.h"

#include <algorithm>
#include <array>
#include <vector>

#include "base/tiles.h"
#include "tensor/kernels/gemm.h"
#include "tensor/kernels/map.h"
#include "tensor/kernels/rounded_product.h"
#include "tensor/kernels/rows.h"
#include "tensor/kernels/tile.h"

namespace unfold::kernels {

#if UNFOLD_HAS_AVX512
namespace {

constexpr Index kTile = 8;
constexpr Index kGroup = 2 * kTile;  // a cache line of each row
constexpr Index kPanel = 3 * kFloatLanes;
constexpr Index kMostRows = 256;             // of K: a panel takes 48 KiB
constexpr Index kMostColumns = 11 * kPanel;  // of B: a block takes 528 KiB

/// Rows of K and columns of B.
struct Block {
  Index top = 0, height = 0, left = 0, width = 0;
};

/// Up to kGroup columns of A, and where their rows of C and their sums are.
struct Group {
  Index column = 0, count = 0;
  float* c = nullptr;
  Index c_stride = 0;
  float* sums = nullptr;  // or null
};

std::vector<Group> groups_of(std::span<const GradientPart> parts) {
  std::vector<Group> groups;
  for (const GradientPart& part : parts) {
    for (Index column = part.columns.first; column < part.columns.last; column += kGroup) {
      const Index row = column - part.columns.first;
      groups.push_back({.column = column,
                        .count = std::min(kGroup, part.columns.last - column),
                        .c = part.c + row * part.c_stride,
                        .c_stride = part.c_stride,
                        .sums = part.sums == nullptr ? nullptr : part.sums + row});
    }
  }
  return groups;
}

/// Blocks of rows of one size nearly, for each of the ranges of columns, of one size nearly.
std::vector<Block> blocks_of(Index n, Index k) {
  const Index panels = ceil_divide(n, kPanel);
  const Index width = ceil_divide(panels, ceil_divide(n, kMostColumns)) * kPanel;
  const Index height = ceil_divide(k, ceil_divide(k, kMostRows));
  std::vector<Block> blocks;
  for (Index left = 0; left < n; left += width) {
    for (Index top = 0; top < k; top += height) {
      blocks.push_back({top, std::min(height, k - top), left, std::min(width, n - left)});
    }
  }
  return blocks;
}

/// `count` things in `pieces` pieces of one size nearly.
class Pieces {
 public:
  Pieces(Index count, Index pieces) : count_(count), each_(ceil_divide(count, pieces)) {}
  Index each() const { return each_; }
  Columns operator[](Index number) const {
    return {std::min(count_, number * each_), std::min(count_, (number + 1) * each_)};
  }

 private:
  Index count_, each_;
};

/// A block of B as panels of three vectors, or two where all would not be whole: of one vector they would be slow.
struct PackedBlock {
  float* memory;
  Block block;

  Index vectors() const { return ceil_divide(block.width, kFloatLanes); }
  Index panels() const { return ceil_divide(block.width, kPanel); }
  float* panel(Index number) const { return memory + number * kPanel * block.height; }
  /// Of the block.
  Columns columns(Index panel) const {
    const auto begin = [&](Index number) { return vectors() * number / panels() * kFloatLanes; };
    return {begin(panel), std::min(begin(panel + 1), block.width)};
  }

  UNFOLD_AVX512 void pack(MatrixRows b, Columns rows) const {
    for (Index number = 0; number < panels(); ++number) {
      const Columns own = columns(number);
      float* const to = panel(number);
      for (Index p = rows.first; p < rows.last; ++p) {
        const float* from = b.data + (block.top + p) * b.stride + block.left;
        for (Index j = own.first; j < own.last; j += kFloatLanes) {
          const __mmask16 lanes = first_lanes(own.last - j);
          _mm512_storeu_ps(to + p * kPanel + j - own.first, _mm512_maskz_loadu_ps(lanes, from + j));
        }
      }
    }
  }

  /// Asks for some of the lines of all rows from row `top` on.
  void bring_near(MatrixRows b, Index top, Columns lines) const {
    const Index of_row = vectors();
    for (Index line = lines.first; line < lines.last; ++line) {
      const float* row = b.data + (block.top + top + line / of_row) * b.stride + block.left;
      _mm_prefetch(row + line % of_row * kFloatLanes, _MM_HINT_T1);
    }
  }
};

/// A group's columns in a block's rows, side by side.
struct PackedGroup {
  float* memory;
  float* sums;  // of the columns
  Block block;
  Group group;

  const float* row(MatrixRows a, Index number) const { return a.data + (block.top + number) * a.stride + group.column; }

  UNFOLD_AVX512 void pack(MatrixRows a, Columns rows) const {
    const __mmask16 lanes = first_lanes(group.count);
    __m512 total = rows.first == 0 ? _mm512_setzero_ps() : _mm512_loadu_ps(sums);
    for (Index p = rows.first; p < rows.last; ++p) {
      const __m512 values = _mm512_maskz_loadu_ps(lanes, row(a, p));
      _mm512_storeu_ps(memory + p * kGroup, values);
      total = _mm512_add_ps(total, values);
    }
    _mm512_storeu_ps(sums, total);
  }

  /// Each row's once, whatever the number of ranges of B's columns.
  void add_sums() const {
    if (group.sums == nullptr || block.left > 0) return;
    for (Index i = 0; i < group.count; ++i) group.sums[i] += sums[i];
  }
};

constexpr std::array<MultiplyTile, 3> kTiles = {multiply_tile<Single, RowsOfA::kTogether, kPanel, kTile, 1>,
                                                multiply_tile<Single, RowsOfA::kTogether, kPanel, kTile, 2>,
                                                multiply_tile<Single, RowsOfA::kTogether, kPanel, kTile, 3>};

constexpr std::size_t at(Index i) { return static_cast<std::size_t>(i); }

/// So that at least `count` rows are asked for while `height` are multiplied, one for each 2^shift.
int shift_for(Index height, Index count) {
  int shift = 0;
  while (height >> (shift + 1) >= std::max(count, Index{1})) ++shift;
  return shift;
}

class Product {
 public:
  Product(MatrixRows a, MatrixRows b, Index n, Index k, std::span<const GradientPart> parts)
      : a_(a), b_(b), groups_(groups_of(parts)), blocks_(blocks_of(n, k)) {
    const Index of_block = ceil_divide(blocks_[0].width, kPanel) * kPanel * blocks_[0].height;
    const Index of_group = kGroup * blocks_[0].height;
    thread_local Tensor memory;
    const Index count = 2 * (of_block + of_group + kGroup);
    if (memory.count() < count) memory = Tensor::uninitialised({count});
    float* first = memory.data();
    for (const std::size_t i : {0, 1}) {
      panels_[i] = first;
      tiles_[i] = first + of_block;
      sums_[i] = first + of_block + of_group;
      first += count / 2;
    }
  }

  void run() const {
    if (groups_.empty()) return;
    block(0).pack(b_, {0, blocks_[0].height});
    group(0).pack(a_, {0, blocks_[0].height});
    for (Index turn = 0; turn < turns(); ++turn) {
      group(turn).add_sums();
      multiply(turn);
    }
  }

 private:
  Index turns() const { return std::ssize(groups_) * std::ssize(blocks_); }

  /// What turn number `turn` multiplies. Memory is that of the turn before the last, and of the block before the last.
  PackedBlock block(Index turn) const {
    const std::size_t number = at(turn / std::ssize(groups_));
    return {panels_[number % 2], blocks_[number]};
  }
  PackedGroup group(Index turn) const {
    const std::size_t memory = at(turn % 2);
    return {tiles_[memory], sums_[memory], block(turn).block, groups_[at(turn % std::ssize(groups_))]};
  }

  /// What is brought near and packed during a turn of so many tiles: the columns of the next turn, and rows of the
  /// block behind the turn's own. Nothing where there is none.
  struct Ahead {
    PackedGroup next, second;  // the turn behind the next begins to be brought near
    Pieces pieces;             // rows of the next, for each tile
    PackedBlock block;
    Columns rows;  // of the block
    Pieces lines;  // of those rows, for each tile
  };

  Ahead ahead(Index turn, Index tiles) const {
    const Index groups = std::ssize(groups_), last = turns() - 1, behind = (turn / groups + 1) * groups;
    const PackedGroup next = group(std::min(turn + 1, last)), second = group(std::min(turn + 2, last));
    const PackedBlock block = this->block(std::min(behind, last));
    const Columns rows = Pieces(behind > last ? 0 : block.block.height, groups)[turn % groups];
    const Pieces lines((rows.last - rows.first) * block.vectors(), tiles);
    return {next, second, Pieces(turn < last ? next.block.height : 0, tiles), block, rows, lines};
  }

  /// Multiplies the turn's columns with all panels, and packs what comes next.
  void multiply(Index turn) const {
    const PackedBlock b = block(turn);
    const PackedGroup a = group(turn);
    const Index tiles = b.panels() * ceil_divide(a.group.count, kTile);
    const Ahead ahead = this->ahead(turn, tiles);
    const int shift = shift_for(b.block.height, ahead.pieces.each());
    Index number = 0;
    for (Index panel = 0; panel < b.panels(); ++panel) {
      const Columns columns = b.columns(panel);
      const Index width = columns.last - columns.first, vectors = ceil_divide(width, kFloatLanes);
      for (Index first = 0; first < a.group.count; first += kTile, ++number) {
        const bool is_last = number + 1 == tiles;
        const float* near = is_last ? ahead.second.row(a_, 0) : ahead.next.row(a_, ahead.pieces[number + 1].first);
        ahead.block.bring_near(b_, ahead.rows.first, ahead.lines[number]);
        kTiles[at(vectors - 1)]({.a = a.memory + first,
                                 .a_stride = kGroup,
                                 .b = b.panel(panel),
                                 .k = b.block.height,
                                 .c = a.group.c + first * a.group.c_stride + b.block.left + columns.first,
                                 .c_stride = a.group.c_stride,
                                 .rows = std::min(kTile, a.group.count - first),
                                 .last_columns = first_lanes(width - (vectors - 1) * kFloatLanes),
                                 .accumulate = true,
                                 .next = reinterpret_cast<const char*>(near),
                                 .step = a_.stride * Index{sizeof(float)},
                                 .shift = shift});
        ahead.next.pack(a_, ahead.pieces[number]);
      }
    }
    ahead.block.pack(b_, ahead.rows);
  }

  MatrixRows a_, b_;
  std::vector<Group> groups_;
  std::vector<Block> blocks_;
  std::array<float*, 2> panels_, tiles_, sums_;
};

}  // namespace
#endif

namespace {

/// oneDNN's product is a fifth faster as B^T A, although that is added transposed. It takes all parts at once, since it
/// packs B anew for each call.
void add_by_onednn(MatrixRows a, MatrixRows b, Index n, Index k, std::span<const GradientPart> parts) {
  Columns all = parts[0].columns;
  for (const GradientPart& part : parts) {
    all = {std::min(all.first, part.columns.first), std::max(all.last, part.columns.last)};
  }
  const Index width = all.last - all.first;
  Tensor products = Tensor::uninitialised({n, width});
  multiply_transposed(b.data, b.stride, a.data + all.first, a.stride, n, width, k, products.data(), width, false);
  for (const GradientPart& part : parts) {
    const Columns& own = part.columns;
    add_transposed(products.data() + own.first - all.first, width, n, own.last - own.first, part.c, part.c_stride);
  }
}

/// Below so many columns of B, packing A costs more than what is spared.
bool has_few_columns(Index n) { return n < 192; }

}  // namespace

void add_gradient_products(MatrixRows a, MatrixRows b, Index n, Index k, std::span<const GradientPart> parts,
                           Precision precision) {
  if (k == 0 || parts.empty()) return;
#if UNFOLD_HAS_AVX512
  if (precision == Precision::kFloat32 && has_avx512() && !has_few_columns(n)) {
    return Product(a, b, n, k, parts).run();
  }
#endif
  const bool rounds = precision == Precision::kBfloat16;
  (rounds ? add_rounded_products : add_by_onednn)(a, b, n, k, parts);
  for (const GradientPart& part : parts) {
    const Columns& own = part.columns;
    if (part.sums != nullptr) add_column_sums(a.data + own.first, a.stride, k, own.last - own.first, part.sums);
  }
}

}  // namespace unfold::kernels
