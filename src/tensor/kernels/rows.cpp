// Look-ups of rows and their adjoint, and rows to columns. The adjoint sorts the rows by token, so that each table row
// is summed in registers.
#include "tensor/kernels/rows.h"

#include <algorithm>
#include <numeric>
#include <vector>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "tensor/kernels/rows.cpp"
#include <hwy/foreach_target.h>
// After foreach_target.h:
#include <hwy/cache_control.h>
#include <hwy/highway.h>

#include "base/threads.h"
#include "tensor/kernels/choice.h"
#include "tensor/kernels/lanes-inl.h"
#include "tensor/kernels/map.h"
#include "tensor/kernels/rows_naive.h"

#ifndef UNFOLD_TENSOR_KERNELS_ROWS_TILE  // this file is compiled once per instruction set
#define UNFOLD_TENSOR_KERNELS_ROWS_TILE
namespace unfold::kernels {

/// Rows and columns of a tile that is turned: floats of a cache line, so each line is read once and written once.
constexpr Index kTile = 16;
/// Rows of which each tile's columns are turned together, so that what is written lies in longer pieces.
constexpr Index kBand = 8 * kTile;

}  // namespace unfold::kernels
#endif

HWY_BEFORE_NAMESPACE();
namespace unfold::kernels::HWY_NAMESPACE {
namespace {

/// Rows stand anywhere, so the processor does not guess the next: it is brought near this many rows ahead.
constexpr Index kAhead = 8;

/// destination[j] += source[rows[0], j], then += source[rows[1], j], ... over kVectors vectors of columns.
template <int kVectors>
HWY_INLINE void add_listed(const float* source, Index stride, const std::uint32_t* rows, Index count,
                           float* destination) {
  const Floats d;
  Vector sum[kVectors];
  for (int u = 0; u < kVectors; ++u) sum[u] = hn::LoadU(d, destination + u * lanes());
  for (Index i = 0; i < count; ++i) {
    const float* row = source + static_cast<Index>(rows[i]) * stride;
    if (i + kAhead < count) {
      for (int u = 0; u < kVectors; ++u) {
        hwy::Prefetch(source + static_cast<Index>(rows[i + kAhead]) * stride + u * lanes());
      }
    }
    for (int u = 0; u < kVectors; ++u) sum[u] = hn::Add(sum[u], hn::LoadU(d, row + u * lanes()));
  }
  for (int u = 0; u < kVectors; ++u) hn::StoreU(sum[u], d, destination + u * lanes());
}

void add_listed_rows(const float* source, Index stride, const std::uint32_t* rows, Index count, Index columns,
                     float* destination) {
  Index j = 0;
  for (; j + 4 * lanes() <= columns; j += 4 * lanes()) add_listed<4>(source + j, stride, rows, count, destination + j);
  for (; j + lanes() <= columns; j += lanes()) add_listed<1>(source + j, stride, rows, count, destination + j);
  if (j == columns) return;
  Vector sum = load_first(destination + j, columns - j);
  for (Index i = 0; i < count; ++i) {
    sum = hn::Add(sum, load_first(source + static_cast<Index>(rows[i]) * stride + j, columns - j));
  }
  store_first(sum, destination + j, columns - j);
}

// --- rows to columns ---

using Eight = hn::CappedTag<float, 8>;

#if HWY_TARGET <= HWY_AVX2

/// Rows a to h of eight floats become columns.
HWY_INLINE void transpose(hn::Vec<Eight> (&rows)[8]) {
  const Eight d;
  const hn::Repartition<double, Eight> pairs;
  hn::Vec<Eight> quads[8];  // a to d of columns 0 | 4, 1 | 5, 2 | 6, 3 | 7, then e to h of them
  for (int half = 0; half < 8; half += 4) {
    for (int odd = 0; odd < 2; ++odd) {  // columns 0, 1 | 4, 5, then 2, 3 | 6, 7
      const auto interleaved = [&](int row) {
        const auto a = rows[half + row], b = rows[half + row + 1];
        return hn::BitCast(pairs, odd == 0 ? hn::InterleaveLower(d, a, b) : hn::InterleaveUpper(d, a, b));
      };
      const auto upper = interleaved(0), lower = interleaved(2);
      quads[half + 2 * odd] = hn::BitCast(d, hn::InterleaveLower(pairs, upper, lower));
      quads[half + 2 * odd + 1] = hn::BitCast(d, hn::InterleaveUpper(pairs, upper, lower));
    }
  }
  for (int column = 0; column < 4; ++column) {
    rows[column] = hn::ConcatLowerLower(d, quads[4 + column], quads[column]);
    rows[4 + column] = hn::ConcatUpperUpper(d, quads[4 + column], quads[column]);
  }
}

/// tile[j, i] = from[i, j].
void transpose_tile(const float* from, Index from_stride, float* tile) {
  const Eight d;
  for (Index i = 0; i < kTile; i += 8) {
    for (Index j = 0; j < kTile; j += 8) {
      hn::Vec<Eight> rows[8];
      for (int r = 0; r < 8; ++r) rows[r] = hn::LoadU(d, from + (i + r) * from_stride + j);
      transpose(rows);
      for (int r = 0; r < 8; ++r) hn::Store(rows[r], d, tile + (j + r) * kTile + i);
    }
  }
}

#else  // vectors of less than eight floats

void transpose_tile(const float* from, Index from_stride, float* tile) {
  for (Index i = 0; i < kTile; ++i) {
    for (Index j = 0; j < kTile; ++j) tile[j * kTile + i] = from[i * from_stride + j];
  }
}

#endif

/// to[j, i] += tile[j, i].
void add_tile(const float* tile, float* to, Index to_stride) {
  const hn::CappedTag<float, kTile> d;
  const auto lanes = static_cast<Index>(hn::Lanes(d));
  for (Index j = 0; j < kTile; ++j) {
    for (Index i = 0; i < kTile; i += lanes) {
      float* sum = to + j * to_stride + i;
      hn::StoreU(hn::Add(hn::LoadU(d, sum), hn::Load(d, tile + j * kTile + i)), d, sum);
    }
  }
}

/// to[j, i] += from[i, j] for a band of rows; both are multiples of kTile. The next columns are brought near.
void add_transposed_band(const float* from, Index from_stride, Index rows, Index columns, float* to, Index to_stride) {
  HWY_ALIGN float tile[kTile * kTile];
  for (Index j = 0; j < columns; j += kTile) {
    for (Index i = 0; i < rows; i += kTile) {
      if (j + kTile < columns) {
        for (Index r = 0; r < kTile; ++r) {
          hwy::Prefetch(from + (i + r) * from_stride + j + kTile);
          hwy::Prefetch(to + (j + kTile + r) * to_stride + i);
        }
      }
      transpose_tile(from + i * from_stride + j, from_stride, tile);
      add_tile(tile, to + j * to_stride + i, to_stride);
    }
  }
}

}  // namespace
}  // namespace unfold::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace unfold::kernels {

HWY_EXPORT(add_listed_rows);
HWY_EXPORT(add_transposed_band);

namespace {

/// The rows of each token, in their order: those of token t are rows[begins[t]] to rows[begins[t + 1] - 1].
struct RowsByToken {
  std::vector<std::uint32_t> rows;
  std::vector<Index> begins;
};

RowsByToken sort_by_token(std::span<const std::int32_t> tokens, Index symbols) {
  RowsByToken sorted{{}, std::vector<Index>(static_cast<std::size_t>(symbols) + 1)};
  const auto begin_of = [&](std::int32_t token) -> Index& { return sorted.begins[static_cast<std::size_t>(token)]; };
  for (const std::int32_t token : tokens) {
    if (token >= 0) ++begin_of(token);
  }
  // Each becomes its token's end, and its begin when the rows are put, the last ones first.
  std::partial_sum(sorted.begins.begin(), sorted.begins.end(), sorted.begins.begin());
  sorted.rows.resize(static_cast<std::size_t>(sorted.begins.back()));
  for (std::size_t r = tokens.size(); r-- > 0;) {
    if (tokens[r] >= 0) sorted.rows[static_cast<std::size_t>(--begin_of(tokens[r]))] = static_cast<std::uint32_t>(r);
  }
  return sorted;
}

}  // namespace

void gather_rows(const float* table, Index table_stride, std::span<const std::int32_t> tokens, Index columns,
                 float* destination, Index destination_stride, bool accumulate) {
  if (naive_kernels()) {
    return naive::gather_rows(table, table_stride, tokens, columns, destination, destination_stride, accumulate);
  }
  const MapKernel add = map_kernel(Function::kAdd);
  for (const std::int32_t token : tokens) {
    const float* row = table + token * table_stride;
    if (token < 0) {
      if (!accumulate) std::fill_n(destination, columns, 0.0f);
    } else if (accumulate) {
      add(destination, destination, row, nullptr, columns);
    } else {
      std::copy_n(row, columns, destination);
    }
    destination += destination_stride;
  }
}

void scatter_add_rows(const float* source, Index source_stride, std::span<const std::int32_t> tokens, Index columns,
                      float* table, Index table_stride, Index symbols) {
  if (naive_kernels()) return naive::scatter_add_rows(source, source_stride, tokens, columns, table, table_stride);
  limit_instruction_set();
  const RowsByToken sorted = sort_by_token(tokens, symbols);
  constexpr Index kTileColumns = 128;
  parallel((columns + kTileColumns - 1) / kTileColumns, [&](Index tile) {
    const Index first = tile * kTileColumns, width = std::min(kTileColumns, columns - first);
    const auto add = HWY_DYNAMIC_DISPATCH(add_listed_rows);
    for (Index token = 0; token < symbols; ++token) {
      const Index begin = sorted.begins[static_cast<std::size_t>(token)];
      const Index count = sorted.begins[static_cast<std::size_t>(token) + 1] - begin;
      if (count == 0) continue;
      add(source + first, source_stride, sorted.rows.data() + begin, count, width,
          table + token * table_stride + first);
    }
  });
}

void copy_rows(const float* from, Index from_stride, float* to, Index to_stride, Index rows, Index columns) {
  for (Index i = 0; i < rows; ++i) std::copy_n(from + i * from_stride, columns, to + i * to_stride);
}

void fill_rows(float value, float* to, Index to_stride, Index rows, Index columns) {
  for (Index i = 0; i < rows; ++i) std::fill_n(to + i * to_stride, columns, value);
}

// Tiles pass through memory of their own: lines that are read and lines that are written often lie in the same places
// of the cache.
void add_transposed(const float* from, Index from_stride, Index rows, Index columns, float* to, Index to_stride) {
  if (naive_kernels()) return naive::add_transposed(from, from_stride, rows, columns, to, to_stride);
  limit_instruction_set();
  const auto add_band = HWY_DYNAMIC_DISPATCH(add_transposed_band);
  const Index whole_rows = rows - rows % kTile, whole_columns = columns - columns % kTile;
  for (Index i = 0; i < whole_rows; i += kBand) {
    add_band(from + i * from_stride, from_stride, std::min(kBand, whole_rows - i), whole_columns, to + i, to_stride);
  }
  naive::add_transposed(from + whole_columns, from_stride, whole_rows, columns - whole_columns,
                        to + whole_columns * to_stride, to_stride);
  naive::add_transposed(from + whole_rows * from_stride, from_stride, rows - whole_rows, columns, to + whole_rows,
                        to_stride);
}

}  // namespace unfold::kernels
#endif
