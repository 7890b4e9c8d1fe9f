// Matrix products through oneDNN 2 or 3. Packed operands go through its matmul primitive, whose weights' layout was
// measured to be the same for every M and the fastest throughout; unpacked ones through its sgemm, which needs no
// primitive per shape and was measured to be as fast or faster there.
#include "tensor/kernels/gemm.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <oneapi/dnnl/dnnl.hpp>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "tensor/kernels/choice.h"
#include "tensor/kernels/gemm_naive.h"
#include "tensor/kernels/rows.h"
#include "unfold/error.h"

// oneDNN of Debian and Ubuntu runs on GNU OpenMP. Declared here since <omp.h> may be another compiler's runtime.
extern "C" {
int omp_get_max_threads();
void omp_set_num_threads(int);
}

namespace unfold::kernels {

namespace {

using Description = dnnl::memory::desc;
constexpr auto kFloat = dnnl::memory::data_type::f32;

/// Keeps oneDNN's OpenMP on the calling thread. The setting belongs to the thread and is put back, for the sake of a
/// host program that uses OpenMP itself.
class OnThisThread {
 public:
  OnThisThread() : before_(omp_get_max_threads()) {
    if (before_ != 1) omp_set_num_threads(1);
  }
  ~OnThisThread() {
    if (before_ != 1) omp_set_num_threads(before_);
  }
  OnThisThread(const OnThisThread&) = delete;
  OnThisThread& operator=(const OnThisThread&) = delete;

 private:
  int before_;
};

const dnnl::engine& engine() {
  static const dnnl::engine cpu = [] {
    limit_instruction_set();
    return dnnl::engine(dnnl::engine::kind::cpu, 0);
  }();
  return cpu;
}

dnnl::stream& stream() {
  thread_local dnnl::stream in_order(engine());
  return in_order;
}

Description row_major(Index rows, Index columns, Index stride) {
  return Description({rows, columns}, kFloat, dnnl::memory::dims{stride, 1});
}

dnnl::matmul::primitive_desc describe(const Description& a, const Description& b, const Description& c,
                                      bool accumulate) {
  dnnl::primitive_attr attributes;
  if (accumulate) {
    dnnl::post_ops sum;
    sum.append_sum(1.0f);
    attributes.set_post_ops(sum);
  }
#if DNNL_VERSION_MAJOR >= 3
  return dnnl::matmul::primitive_desc(engine(), a, b, c, attributes);
#else
  return dnnl::matmul::primitive_desc(dnnl::matmul::desc(a, b, c), attributes, engine());
#endif
}

/// The layout in which B [K, N] is packed: what the primitive likes best for a usual tick of rows.
Description packed_layout(Index k, Index n) {
  constexpr Index kUsualRows = 64;
  const Description any({k, n}, kFloat, dnnl::memory::format_tag::any);
  return describe(row_major(kUsualRows, k, k), any, row_major(kUsualRows, n, n), false).weights_desc();
}

[[noreturn]] void fail(Index m, Index n, Index k, const char* reason) {
  throw Error(fmt::format("oneDNN could not multiply [{}, {}] by [{}, {}]: {}", m, k, k, n, reason));
}

}  // namespace

struct PackedMatrix::Implementation {
  Index k = 0;
  Index n = 0;
  /// Of oneDNN; empty where the naive twin runs or there is nothing to multiply.
  dnnl::memory packed;
  /// Of the naive twin: B [K, N].
  std::vector<float> plain;
};

PackedMatrix::PackedMatrix() = default;
PackedMatrix::~PackedMatrix() = default;
PackedMatrix::PackedMatrix(PackedMatrix&&) noexcept = default;
PackedMatrix& PackedMatrix::operator=(PackedMatrix&&) noexcept = default;

Index PackedMatrix::k() const { return implementation_ ? implementation_->k : 0; }
Index PackedMatrix::n() const { return implementation_ ? implementation_->n : 0; }
bool PackedMatrix::empty() const { return implementation_ == nullptr; }

void PackedMatrix::pack(const float* b, Index k, Index n, Index stride, bool transposed) {
  if (empty() || k != this->k() || n != this->n()) {
    implementation_ = std::make_unique<Implementation>();
    implementation_->k = k;
    implementation_->n = n;
  }
  if (k == 0 || n == 0) return;
  if (naive_kernels()) {
    implementation_->plain.resize(static_cast<std::size_t>(k * n));
    for (Index p = 0; p < k; ++p) {
      for (Index j = 0; j < n; ++j) {
        implementation_->plain[static_cast<std::size_t>(p * n + j)] =
            transposed ? b[j * stride + p] : b[p * stride + j];
      }
    }
    return;
  }
  const OnThisThread guard;
  try {
    if (!implementation_->packed) implementation_->packed = dnnl::memory(packed_layout(k, n), engine());
    const Description given({k, n}, kFloat, transposed ? dnnl::memory::dims{1, stride} : dnnl::memory::dims{stride, 1});
    // oneDNN does not write through the operand of a reorder.
    dnnl::memory source(given, engine(), const_cast<float*>(b));
    dnnl::reorder(source, implementation_->packed).execute(stream(), source, implementation_->packed);
  } catch (const dnnl::error& error) {
    fail(0, n, k, error.what());
  }
}

namespace {

/// What a primitive is made for. The packed layout follows from k and n.
struct Key {
  Index m, n, k, a_stride, c_stride;
  bool accumulate;
  bool operator==(const Key&) const = default;
};

struct KeyHash {
  std::size_t operator()(const Key& key) const {
    std::size_t hash = key.accumulate ? 1 : 0;
    for (const Index value : {key.m, key.n, key.k, key.a_stride, key.c_stride}) {
      hash = (hash ^ static_cast<std::size_t>(value)) * 0x9e3779b97f4a7c15ULL;
      hash ^= hash >> 29;
    }
    return hash;
  }
};

/// A primitive and views of its operands, which are pointed at each call's memory.
class Product {
 public:
  Product(const Key& key, const Description& packed) : key_(key) {
    auto made_for =
        describe(row_major(key.m, key.k, key.a_stride), packed, row_major(key.m, key.n, key.c_stride), key.accumulate);
    // oneDNN 2 has no fast kernel for packed weights beside rows with gaps, only its reference; copying the rows costs
    // a hundredth of the product.
    copies_ = std::string_view(made_for.impl_info_str()).starts_with("ref");
    if (copies_) {
      made_for = describe(row_major(key.m, key.k, key.k), packed, row_major(key.m, key.n, key.n), key.accumulate);
    }
    primitive_ = dnnl::matmul(made_for);
    a_ = dnnl::memory(made_for.src_desc(), engine(), nullptr);
    b_ = dnnl::memory(packed, engine(), nullptr);
    c_ = dnnl::memory(made_for.dst_desc(), engine(), nullptr);
  }

  void run(const float* a, void* b, float* c) {
    if (!copies_) return execute(a, b, c);
    thread_local std::vector<float> dense_a, dense_c;
    dense_a.resize(std::max(dense_a.size(), static_cast<std::size_t>(key_.m * key_.k)));
    dense_c.resize(std::max(dense_c.size(), static_cast<std::size_t>(key_.m * key_.n)));
    copy_rows(a, key_.a_stride, dense_a.data(), key_.k, key_.m, key_.k);
    if (key_.accumulate) copy_rows(c, key_.c_stride, dense_c.data(), key_.n, key_.m, key_.n);
    execute(dense_a.data(), b, dense_c.data());
    copy_rows(dense_c.data(), key_.n, c, key_.c_stride, key_.m, key_.n);
  }

 private:
  void execute(const float* a, void* b, float* c) {
    a_.set_data_handle(const_cast<float*>(a));  // only read
    b_.set_data_handle(b);
    c_.set_data_handle(c);
    const std::array<dnnl_exec_arg_t, 3> arguments = {
        {{DNNL_ARG_SRC, a_.get()}, {DNNL_ARG_WEIGHTS, b_.get()}, {DNNL_ARG_DST, c_.get()}}};
    const dnnl_status_t status =
        dnnl_primitive_execute(primitive_.get(), stream().get(), static_cast<int>(arguments.size()), arguments.data());
    dnnl::error::wrap_c_api(status, "a matrix product failed");
  }

  Key key_;
  bool copies_ = false;
  dnnl::matmul primitive_;
  dnnl::memory a_, b_, c_;
};

/// The calling thread's primitives: oneDNN wants a primitive run by the thread that made it. Ragged batches may ask for
/// many values of M, so the store is emptied when it has grown large; making one anew takes microseconds to a
/// millisecond, and oneDNN keeps the generated code.
Product& product(const Key& key, const Description& packed) {
  constexpr std::size_t kLargest = 4096;
  thread_local std::unordered_map<Key, Product, KeyHash> products;
  const auto found = products.find(key);
  if (found != products.end()) return found->second;
  if (products.size() >= kLargest) products.clear();
  return products.try_emplace(key, key, packed).first->second;
}

/// True where nothing is left to multiply; C is then what it must be.
bool is_trivial(Index m, Index n, Index k, float* c, Index c_stride, bool accumulate) {
  if (m > 0 && n > 0 && k > 0) return false;
  if (!accumulate) fill_rows(0.0f, c, c_stride, m, n);
  return true;
}

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

void multiply(const float* a, Index a_stride, Index m, const PackedMatrix& b, float* c, Index c_stride,
              bool accumulate) {
  const Index n = b.n(), k = b.k();
  if (is_trivial(m, n, k, c, c_stride, accumulate)) return;
  const PackedMatrix::Implementation& weights = *b.implementation();
  if (naive_kernels()) {
    naive::multiply(a, a_stride, Index(1), weights.plain.data(), n, Index(1), m, n, k, c, c_stride, accumulate);
    return;
  }
  const OnThisThread guard;
  try {
    // The stride of a single row says nothing.
    const Key key{m, n, k, m == 1 ? k : a_stride, m == 1 ? n : c_stride, accumulate};
    product(key, weights.packed.get_desc()).run(a, weights.packed.get_data_handle(), c);
  } catch (const dnnl::error& error) {
    fail(m, n, k, error.what());
  }
}

void multiply_transposed(const float* a, Index a_stride, const float* b, Index b_stride, Index m, Index n, Index k,
                         float* c, Index c_stride, bool accumulate) {
  multiply_unpacked(true, a, a_stride, b, b_stride, m, n, k, c, c_stride, accumulate);
}

void multiply_plain(const float* a, Index a_stride, const float* b, Index b_stride, Index m, Index n, Index k, float* c,
                    Index c_stride, bool accumulate) {
  multiply_unpacked(false, a, a_stride, b, b_stride, m, n, k, c, c_stride, accumulate);
}

}  // namespace unfold::kernels
