// Matrix products through oneDNN 2 or 3. Packed operands go through its matmul primitive, whose weights' layout was
// measured to be the same for every M and the fastest throughout. Unpacked float32 goes through its sgemm, which needs
// no primitive per shape and was measured to be as fast or faster there.
#include "tensor/kernels/gemm.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "tensor/kernels/bfloat16_naive.h"
#include "tensor/kernels/choice.h"
#include "tensor/kernels/gemm_naive.h"
#include "tensor/kernels/onednn.h"
#include "tensor/kernels/rows.h"
#include "unfold/error.h"

namespace unfold::kernels {

namespace {

/// What a primitive is made for. The packed layout follows from k, n and the precision.
struct Key {
  Precision precision;
  Index m, n, k, a_stride, c_stride;
  bool accumulate;
  bool operator==(const Key&) const = default;
};

struct KeyHash {
  std::size_t operator()(const Key& key) const {
    std::size_t hash = static_cast<std::size_t>(key.precision) * 2 + (key.accumulate ? 1 : 0);
    for (const Index value : {key.m, key.n, key.k, key.a_stride, key.c_stride}) {
      hash = (hash ^ static_cast<std::size_t>(value)) * 0x9e3779b97f4a7c15ULL;
      hash ^= hash >> 29;
    }
    return hash;
  }
};

dnnl::matmul::primitive_desc primitive_for(const Key& key) {
  const Description c = row_major(key.m, key.n, key.c_stride);
  const Type type = type_of(key.precision);
  return describe(row_major(key.m, key.k, key.a_stride, type), packed_layout(key.k, key.n, type), c, key.accumulate);
}

/// A primitive and views of its operands, which are pointed at each call's memory.
class Product {
 public:
  explicit Product(const Key& key) : key_(key) {
    auto made_for = primitive_for(key);
    // oneDNN 2 has no fast kernel for packed weights beside rows with gaps, only its reference; copying the rows costs
    // a hundredth of the product. Rows of bfloat16 that were rounded here have no gaps.
    const bool is_slow = std::string_view(made_for.impl_info_str()).starts_with("ref");
    copies_a_ = is_slow && key.precision == Precision::kFloat32 && key.a_stride != key.k;
    copies_c_ = is_slow && key.c_stride != key.n;
    if (copies_a_ || copies_c_) {
      Key dense = key;
      if (copies_a_) dense.a_stride = key.k;
      if (copies_c_) dense.c_stride = key.n;
      made_for = primitive_for(dense);
    }
    primitive_ = dnnl::matmul(made_for);
    a_ = dnnl::memory(made_for.src_desc(), engine(), nullptr);
    b_ = dnnl::memory(made_for.weights_desc(), engine(), nullptr);
    c_ = dnnl::memory(made_for.dst_desc(), engine(), nullptr);
  }

  /// Operands of the type that the key says.
  void run(const void* a, const void* b, float* c) {
    thread_local std::vector<float> dense_a, dense_c;
    if (copies_a_) {
      dense_a.resize(std::max(dense_a.size(), static_cast<std::size_t>(key_.m * key_.k)));
      copy_rows(static_cast<const float*>(a), key_.a_stride, dense_a.data(), key_.k, key_.m, key_.k);
      a = dense_a.data();
    }
    if (!copies_c_) return execute(a, b, c);
    dense_c.resize(std::max(dense_c.size(), static_cast<std::size_t>(key_.m * key_.n)));
    if (key_.accumulate) copy_rows(c, key_.c_stride, dense_c.data(), key_.n, key_.m, key_.n);
    execute(a, b, dense_c.data());
    copy_rows(dense_c.data(), key_.n, c, key_.c_stride, key_.m, key_.n);
  }

 private:
  void execute(const void* a, const void* b, float* c) {
    a_.set_data_handle(const_cast<void*>(a));  // only read
    b_.set_data_handle(const_cast<void*>(b));
    c_.set_data_handle(c);
    const std::array<dnnl_exec_arg_t, 3> arguments = {
        {{DNNL_ARG_SRC, a_.get()}, {DNNL_ARG_WEIGHTS, b_.get()}, {DNNL_ARG_DST, c_.get()}}};
    const dnnl_status_t status =
        dnnl_primitive_execute(primitive_.get(), stream().get(), static_cast<int>(arguments.size()), arguments.data());
    dnnl::error::wrap_c_api(status, "a matrix product failed");
  }

  Key key_;
  bool copies_a_ = false, copies_c_ = false;
  dnnl::matmul primitive_;
  dnnl::memory a_, b_, c_;
};

/// The calling thread's primitives: oneDNN wants a primitive run by the thread that made it. Ragged batches may ask for
/// many values of M, so the store is emptied when it has grown large; making one anew takes microseconds to a
/// millisecond, and oneDNN keeps the generated code.
Product& product(const Key& key) {
  constexpr std::size_t kLargest = 4096;
  thread_local std::unordered_map<Key, Product, KeyHash> products;
  const auto found = products.find(key);
  if (found != products.end()) return found->second;
  if (products.size() >= kLargest) products.clear();
  return products.try_emplace(key, key).first->second;
}

/// The calling thread's copy of rows [M, K], rounded.
const Bfloat16* rounded_here(const float* rows, Index stride, Index m, Index k) {
  thread_local std::vector<Bfloat16> copy;
  copy.resize(std::max(copy.size(), static_cast<std::size_t>(m * k)));
  round_rows(rows, stride, copy.data(), k, m, k);
  return copy.data();
}

/// True where nothing is left to multiply; C is then what it must be.
bool is_trivial(Index m, Index n, Index k, float* c, Index c_stride, bool accumulate) {
  if (m > 0 && n > 0 && k > 0) return false;
  if (!accumulate) fill_rows(0.0f, c, c_stride, m, n);
  return true;
}

/// `rows`: of the type that B's precision says. `c` points to column 0.
void multiply_packed(const void* rows, Index stride, Index m, const PackedMatrix::Implementation& b, Columns columns,
                     float* c, Index c_stride, bool accumulate) {
  const OnThisThread guard;
  const Index n = columns.last - columns.first;
  try {
    // The stride of a single row says nothing.
    const Key key{.precision = b.precision,
                  .m = m,
                  .n = n,
                  .k = b.k,
                  .a_stride = m == 1 ? b.k : stride,
                  .c_stride = m == 1 ? n : c_stride,
                  .accumulate = accumulate};
    const auto* values = static_cast<const std::byte*>(b.packed.get_data_handle());
    const auto blocks_before = static_cast<std::size_t>(columns.first / kColumnBlock);
    product(key).run(rows, values + blocks_before * b.block_bytes, c + columns.first);
  } catch (const dnnl::error& error) {
    fail(m, n, b.k, error.what());
  }
}

void multiply_packed(const void* rows, Index stride, Index m, const PackedMatrix::Implementation& b, float* c,
                     Index c_stride, bool accumulate) {
  multiply_packed(rows, stride, m, b, {0, b.n}, c, c_stride, accumulate);
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
  } else if (rounds) {
    multiply_packed(rounded_here(a, a_stride, m, k), k, m, weights, c, c_stride, accumulate);
  } else {
    multiply_packed(a, a_stride, m, weights, c, c_stride, accumulate);
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
  const PackedMatrix::Implementation& weights = *b.implementation();
  if (naive_kernels() || b.k() == 0) {
    Tensor all = Tensor::uninitialised({m, b.n()});
    copy_rows(c, c_stride, all.data(), b.n(), m, b.n());
    multiply(a, a_stride, m, b, all.data(), b.n(), accumulate);
    for (const Columns& range : columns) {
      copy_rows(all.data() + range.first, b.n(), c + range.first, c_stride, m, range.last - range.first);
    }
    return;
  }
  const bool rounds = weights.precision == Precision::kBfloat16;
  const void* rows = rounds ? static_cast<const void*>(rounded_here(a, a_stride, m, b.k())) : a;
  for (const Columns& range : columns) {
    if (range.first == range.last) continue;
    multiply_packed(rows, rounds ? b.k() : a_stride, m, weights, range, c, c_stride, accumulate);
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
  if (!naive_kernels()) return multiply_packed(a, a_stride, m, weights, c, c_stride, accumulate);
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
