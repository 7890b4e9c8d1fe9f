// Moving whole rows: look-ups in tables and their adjoint; and rows to columns.
#pragma once

#include <cstdint>
#include <span>

#include "unfold/tensor.h"

namespace unfold::kernels {

/// destination[r, :] = table[tokens[r], :], or += with `accumulate`; a token of -1 stands for a row of zeros.
/// Strides are elements between rows.
void gather_rows(const float* table, Index table_stride, std::span<const std::int32_t> tokens, Index columns,
                 float* destination, Index destination_stride, bool accumulate);

/// table[tokens[r], :] += source[r, :] for all r, in the order of r; -1 is skipped. `symbols` is the number of table
/// rows. Runs on all threads; the result does not depend on how many there are.
void scatter_add_rows(const float* source, Index source_stride, std::span<const std::int32_t> tokens, Index columns,
                      float* table, Index table_stride, Index symbols);

/// to[i, :] = from[i, :].
void copy_rows(const float* from, Index from_stride, float* to, Index to_stride, Index rows, Index columns);

/// to[i, :] = value.
void fill_rows(float value, float* to, Index to_stride, Index rows, Index columns);

/// to[j, i] += from[i, j] for from [rows, columns].
void add_transposed(const float* from, Index from_stride, Index rows, Index columns, float* to, Index to_stride);

}  // namespace unfold::kernels
