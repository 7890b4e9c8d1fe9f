// Products of rows with a packed matrix by oneDNN 2 or 3, through its matmul primitive, whose weights' layout was
// measured to be the same for every M.
#include "tensor/kernels/onednn_product.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "tensor/kernels/onednn.h"
#include "tensor/kernels/rows.h"

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

}  // namespace

void multiply_by_onednn(const void* rows, Index stride, Index m, const PackedMatrix& b, Columns columns, float* c,
                        Index c_stride, bool accumulate) {
  const OnThisThread guard;
  const PackedMatrix::Implementation& weights = *b.implementation();
  const Index n = columns.last - columns.first;
  try {
    // The stride of a single row says nothing.
    const Key key{.precision = weights.precision,
                  .m = m,
                  .n = n,
                  .k = weights.k,
                  .a_stride = m == 1 ? weights.k : stride,
                  .c_stride = m == 1 ? n : c_stride,
                  .accumulate = accumulate};
    const auto* values = static_cast<const std::byte*>(weights.packed.get_data_handle());
    const auto blocks_before = static_cast<std::size_t>(columns.first / kColumnBlock);
    product(key).run(rows, values + blocks_before * weights.block_bytes, c + columns.first);
  } catch (const dnnl::error& error) {
    fail(m, n, weights.k, error.what());
  }
}

}  // namespace unfold::kernels
