// The stacked, packed matrices of a plan, made once per update of the parameters.
#pragma once

#include <vector>

#include "recurrence/plan/plan.h"
#include "tensor/kernels/gemm.h"
#include "unfold/parameter.h"

namespace unfold::recurrence {

class Weights {
 public:
  explicit Weights(const Plan& plan);

  /// Packs again what has changed since the last call.
  void update(const ParameterList& parameters);

  const kernels::PackedMatrix& packed(const ProductStep& step) const {
    return packed_[static_cast<std::size_t>(step.packed)];
  }
  /// The stacked matrix itself [K, N], for look-ups: row k is what token k adds.
  const Tensor& plain(const ProductStep& step) const { return plain_[static_cast<std::size_t>(step.packed)]; }

 private:
  void pack(const ProductStep& step, const ParameterList& parameters);

  const Plan& plan_;
  std::vector<const ProductStep*> steps_;
  std::vector<kernels::PackedMatrix> packed_;
  std::vector<Tensor> plain_;
  std::vector<std::uint64_t> versions_;  // of all parameters when last packed
};

}  // namespace unfold::recurrence
