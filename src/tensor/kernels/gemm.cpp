// Packed operands are multiplied by our own kernel where there is one for the processor and the layout, else by
// oneDNN's matmul primitive. Unpacked float32 goes through oneDNN's sgemm, which needs no primitive per shape and was
// measured to be as fast or faster there.
#include "tensor/kernels/gemm.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <vector>

#include "tensor/kernels/bfloat16_naive.h"
#include "tensor/kernels/choice.h"
#include "tensor/kernels/gemm_naive.h"
#include "tensor/kernels/onednn.h"
#include "tensor/kernels/onednn_product.h"
#include "tensor/kernels/panel_product.h"
#include "tensor/kernels/rows.h"
#include "unfold/error.h"

namespace unfold::kernels {

namespace {

/// Rows of either precision; of the type that the matrix beside them has.
struct Rows {
  const void* first;
  Index stride;
};

/// The calling thread's copy of rows [M, K], rounded, with a zero behind an odd K: elements are multiplied in pairs.
Rows rounded_here(const float* rows, Index stride, Index m, Index k) {
  thread_local std::vector<Bfloat16> copy;
  const Index even = k + k % 2;
  copy.resize(std::max(copy.size(), static_cast<std::size_t>(m * even)));
  round_rows(rows, stride, copy.data(), even, m, k);
  if (even > k) {
    for (Index i = 0; i < m; ++i) copy[static_cast<std::size_t>(i * even + k)] = 0;
  }
  return {copy.data(), even};
}

/// Rows [M, K] as B wants them.
Rows rows_for(const PackedMatrix& b, const float* a, Index stride, Index m) {
  const bool rounds = b.implementation()->precision == Precision::kBfloat16;
  return rounds ? rounded_here(a, stride, m, b.k()) : Rows{a, stride};
}

/// True where nothing is left to multiply; C is then what it must be.
bool is_trivial(Index m, Index n, Index k, float* c, Index c_stride, bool accumulate) {
  if (m > 0 && n > 0 && k > 0) return false;
  if (!accumulate) fill_rows(0.0f, c, c_stride, m, n);
  return true;
}

void multiply_packed(Rows a, Index m, const PackedMatrix& b, Columns columns, float* c, Index c_stride,
                     bool accumulate) {
  const PackedMatrix::Implementation& weights = *b.implementation();
  if (!weights.is_in_panels || !multiplies_panels(weights.precision)) {
    return multiply_by_onednn(a.first, a.stride, m, b, columns, c, c_stride, accumulate);
  }
  const PackedPanels panels = {.first = static_cast<const std::byte*>(weights.packed.get_data_handle()),
                               .bytes = weights.block_bytes,
                               .k = weights.k,
                               .n = weights.n,
                               .precision = weights.precision};
  multiply_panels(a.first, a.stride, m, panels, columns, c, c_stride, accumulate);
}

/// `a` [M, K] without gaps; rounded already where B is.
void multiply_packed_naive(const std::vector<float>& a, Index m, const PackedMatrix::Implementation& b, float* c,
                           Index c_stride, bool accumulate) {
  naive::multiply(a.data(), b.k, Index(1), b.plain.data(), b.n, Index(1), m, b.n, b.k, c, c_stride, accumulate);
}

}  // namespace

void multiply(const float* a, Index a_stride, Index m, const PackedMatrix& b, float* c, Index c_stride,
              bool accumulate) {
  const Index n = b.n(), k = b.k();
  if (is_trivial(m, n, k, c, c_stride, accumulate)) return;
  const PackedMatrix::Implementation& weights = *b.implementation();
  const bool rounds = weights.precision == Precision::kBfloat16;
  if (naive_kernels()) {
    std::vector<float> rows(static_cast<std::size_t>(m * k));
    copy_rows(a, a_stride, rows.data(), k, m, k);
    for (float& value : rows) value = rounds ? naive::widen(naive::round_to_bfloat16(value)) : value;
    multiply_packed_naive(rows, m, weights, c, c_stride, accumulate);
  } else {
    multiply_packed(rows_for(b, a, a_stride, m), m, b, {0, n}, c, c_stride, accumulate);
  }
}

void multiply_columns(const float* a, Index a_stride, Index m, const PackedMatrix& b, std::span<const Columns> columns,
                      float* c, Index c_stride, bool accumulate) {
  for (const Columns& range : columns) {
    const bool begins = range.first % kColumnBlock == 0, ends = range.last % kColumnBlock == 0 || range.last == b.n();
    if (!begins || !ends || range.last > b.n() || !columns_are_independent()) {
      throw ContractError(
          fmt::format("columns {} to {} of {} cannot be multiplied alone", range.first, range.last, b.n()));
    }
  }
  if (m == 0 || columns.empty()) return;
  if (naive_kernels() || b.k() == 0) {
    Tensor all = Tensor::uninitialised({m, b.n()});
    copy_rows(c, c_stride, all.data(), b.n(), m, b.n());
    multiply(a, a_stride, m, b, all.data(), b.n(), accumulate);
    for (const Columns& range : columns) {
      copy_rows(all.data() + range.first, b.n(), c + range.first, c_stride, m, range.last - range.first);
    }
    return;
  }
  const Rows rows = rows_for(b, a, a_stride, m);
  for (const Columns& range : columns) {
    if (range.first == range.last) continue;
    multiply_packed(rows, m, b, range, c, c_stride, accumulate);
  }
}

bool rows_are_independent() {
  // oneDNN's "batch-reduce" kernels sum over K in one order; its older ones have several for the rows of a tile.
  static const bool are = [] {
    constexpr Index kUsual = 64;
    const Description any({kUsual, kUsual}, Type::f32, dnnl::memory::format_tag::any);
    const auto made = describe(row_major(kUsual, kUsual, kUsual), any, row_major(kUsual, kUsual, kUsual), false);
    return std::string_view(made.impl_info_str()).starts_with("brg");
  }();
  return are || naive_kernels();
}

bool columns_are_independent() {
  // Blocks of columns lie one after another, each as if it were packed alone, if the first of two has the layout of
  // one.
  static const bool are = [] {
    for (const Type type : {Type::f32, Type::bf16}) {
      const Description two = packed_layout(kColumnBlock, 2 * kColumnBlock, type);
      const Description one = packed_layout(kColumnBlock, kColumnBlock, type);
      if (two.get_size() != 2 * one.get_size()) return false;
      if (two.submemory_desc({kColumnBlock, kColumnBlock}, {0, 0}) != one) return false;
    }
    return true;
  }();
  return naive_kernels() || (rows_are_independent() && are);
}

void multiply(const Bfloat16* a, Index a_stride, Index m, const PackedMatrix& b, float* c, Index c_stride,
              bool accumulate) {
  const Index n = b.n(), k = b.k();
  if (is_trivial(m, n, k, c, c_stride, accumulate)) return;
  const PackedMatrix::Implementation& weights = *b.implementation();
  if (weights.precision != Precision::kBfloat16) {
    throw ContractError("rows in bfloat16 are multiplied by a matrix that was packed in bfloat16");
  }
  if (!naive_kernels()) {
    const bool has_pairs = k % 2 == 0 && a_stride % 2 == 0;
    if (has_pairs) return multiply_packed({a, a_stride}, m, b, {0, n}, c, c_stride, accumulate);
    return multiply_by_onednn(a, a_stride, m, b, {0, n}, c, c_stride, accumulate);
  }
  std::vector<float> rows(static_cast<std::size_t>(m * k));
  for (Index i = 0; i < m; ++i) {
    std::transform(a + i * a_stride, a + i * a_stride + k, rows.begin() + i * k, naive::widen);
  }
  multiply_packed_naive(rows, m, weights, c, c_stride, accumulate);
}

namespace {

void multiply_unpacked(bool transposed, const float* a, Index a_stride, const float* b, Index b_stride, Index m,
                       Index n, Index k, float* c, Index c_stride, bool accumulate) {
  if (is_trivial(m, n, k, c, c_stride, accumulate)) return;
  if (naive_kernels()) {
    const Index a_row = transposed ? 1 : a_stride, a_column = transposed ? a_stride : 1;
    naive::multiply(a, a_row, a_column, b, b_stride, Index(1), m, n, k, c, c_stride, accumulate);
    return;
  }
  limit_instruction_set();
  const OnThisThread guard;
  const dnnl_status_t status = dnnl_sgemm(transposed ? 'T' : 'N', 'N', m, n, k, 1.0f, a, a_stride, b, b_stride,
                                          accumulate ? 1.0f : 0.0f, c, c_stride);
  if (status != dnnl_success) fail(m, n, k, fmt::format("status {}", static_cast<int>(status)).c_str());
}

}  // namespace

void multiply_transposed(const float* a, Index a_stride, const float* b, Index b_stride, Index m, Index n, Index k,
                         float* c, Index c_stride, bool accumulate) {
  multiply_unpacked(true, a, a_stride, b, b_stride, m, n, k, c, c_stride, accumulate);
}

void multiply_plain(const float* a, Index a_stride, const float* b, Index b_stride, Index m, Index n, Index k, float* c,
                    Index c_stride, bool accumulate) {
  multiply_unpacked(false, a, a_stride, b, b_stride, m, n, k, c, c_stride, accumulate);
}

}  // namespace unfold::kernels
