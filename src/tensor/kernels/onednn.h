// What the products share of oneDNN 2 or 3. With onednn.cpp the only file that knows its version.
#pragma once

#include <oneapi/dnnl/dnnl.hpp>

#include "tensor/kernels/packed_matrix.h"

namespace unfold::kernels {

/// Keeps oneDNN's OpenMP on the calling thread. The setting belongs to the thread and is put back, for the sake of a
/// host program that uses OpenMP itself.
class OnThisThread {
 public:
  OnThisThread();
  ~OnThisThread();
  OnThisThread(const OnThisThread&) = delete;
  OnThisThread& operator=(const OnThisThread&) = delete;

 private:
  int before_;
};

const dnnl::engine& engine();
/// Of the calling thread.
dnnl::stream& stream();

using Description = dnnl::memory::desc;
using Type = dnnl::memory::data_type;

Type type_of(Precision precision);
Description row_major(Index rows, Index columns, Index stride, Type type = Type::f32);
/// C = A B, or C += A B.
dnnl::matmul::primitive_desc describe(const Description& a, const Description& b, const Description& c,
                                      bool accumulate);
/// The layout in which B [K, N] is packed: what the primitive likes best for a usual tick of rows.
Description packed_layout(Index k, Index n, Type type);

[[noreturn]] void fail(Index m, Index n, Index k, const char* reason);

struct PackedMatrix::Implementation {
  Index k = 0;
  Index n = 0;
  Precision precision = Precision::kFloat32;
  /// Of oneDNN, in `storage`; empty where the naive twin runs or there is nothing to multiply.
  dnnl::memory packed;
  /// Whether that is panels of kColumnBlock columns, each with the rows of B (pairs of them in bfloat16) one after
  /// another, and zeros behind.
  bool is_in_panels = false;
  /// Of kColumnBlock columns, where columns are independent.
  std::size_t block_bytes = 0;
  Tensor storage;
  /// Of the naive twin: B [K, N], rounded.
  Tensor plain;
};

}  // namespace unfold::kernels
