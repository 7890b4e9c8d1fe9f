// The naive twins of rows.h.
#pragma once

#include <cstdint>
#include <span>

#include "unfold/tensor.h"

namespace unfold::kernels::naive {

template <class Real>
void gather_rows(const Real* table, Index table_stride, std::span<const std::int32_t> tokens, Index columns,
                 Real* destination, Index destination_stride, bool accumulate) {
  for (std::size_t r = 0; r < tokens.size(); ++r) {
    Real* row = destination + static_cast<Index>(r) * destination_stride;
    for (Index j = 0; j < columns; ++j) {
      const Real value = tokens[r] < 0 ? Real(0) : table[tokens[r] * table_stride + j];
      row[j] = accumulate ? row[j] + value : value;
    }
  }
}

template <class Real>
void scatter_add_rows(const Real* source, Index source_stride, std::span<const std::int32_t> tokens, Index columns,
                      Real* table, Index table_stride) {
  for (std::size_t r = 0; r < tokens.size(); ++r) {
    if (tokens[r] < 0) continue;
    for (Index j = 0; j < columns; ++j) {
      table[tokens[r] * table_stride + j] += source[static_cast<Index>(r) * source_stride + j];
    }
  }
}

template <class Real>
void add_transposed(const Real* from, Index from_stride, Index rows, Index columns, Real* to, Index to_stride) {
  for (Index j = 0; j < columns; ++j) {
    for (Index i = 0; i < rows; ++i) to[j * to_stride + i] += from[i * from_stride + j];
  }
}

}  // namespace unfold::kernels::naive
