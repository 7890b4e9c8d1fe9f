// The right-hand operand of a matrix product, in the order in which the kernels read it.
#pragma once

#include <functional>
#include <memory>

#include "tensor/kernels/columns.h"
#include "unfold/precision.h"
#include "unfold/tensor.h"

namespace unfold::kernels {

/// Where columns of a packed matrix may be taken apart: at multiples of this.
inline constexpr Index kColumnBlock = 64;

/// B [K, N] of C = A B, rearranged once and used many times.
class PackedMatrix {
 public:
  PackedMatrix();
  ~PackedMatrix();
  PackedMatrix(PackedMatrix&&) noexcept;
  PackedMatrix& operator=(PackedMatrix&&) noexcept;

  /// Adds columns of B to zeros: element (p, columns.first + j) to to[p * stride + j]. Called for ranges that make up
  /// B, by several threads.
  using AddColumns = std::function<void(Columns columns, float* to, Index stride)>;

  /// With bfloat16 every product with it rounds both operands, and adds in float32. Repacking an object of the same
  /// shape and precision reuses its memory.
  void pack(Index k, Index n, Precision precision, const AddColumns& add_columns);
  /// From b [K, N], row-major with `stride` elements between rows; with `transposed`, from b [N, K] (rows of B are
  /// columns of b).
  void pack(const float* b, Index k, Index n, Index stride, bool transposed, Precision precision = Precision::kFloat32);
  Index k() const;
  Index n() const;
  bool empty() const;

  struct Implementation;
  const Implementation* implementation() const { return implementation_.get(); }

 private:
  std::unique_ptr<Implementation> implementation_;
};

}  // namespace unfold::kernels
