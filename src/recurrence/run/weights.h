// The stacked, packed matrices of a plan, made once per update of the parameters and per mask of weight drop.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "recurrence/plan/plan.h"
#include "tensor/kernels/gemm.h"
#include "unfold/parameter.h"

namespace unfold::recurrence {

/// Adds what one block has of some columns of the stacked matrix [K, N], of which `to` points to the first; two blocks
/// share a place where a cell multiplies one vector twice, as in W [h, x, h]. A product W v multiplies rows v^T by W^T,
/// a transposed one by W.
void add_block(const ProductStep::Block& block, const Tensor& w, kernels::Columns columns, float* to, Index to_stride);

class Weights {
 public:
  Weights(const Plan& plan, Precision precision);

  /// Packs again what a stage multiplies by and has changed since its last call. Backward gives the keys of its forward
  /// run.
  void update(Stage stage, const ParameterList& parameters, const MaskKeys& keys);
  /// Frees what `update` packed for a stage.
  void release(Stage stage);

  const kernels::PackedMatrix& packed(const ProductStep& step) const {
    return packed_[static_cast<std::size_t>(step.packed)];
  }
  /// The stacked matrix itself [K, N], for look-ups: row k is what token k adds. Row -1, for no token, is zero.
  const float* plain(const ProductStep& step) const { return plain_[at(step.packed)].data() + step.n; }

  /// The same with the row of zeros before it, for good; empty if it has none.
  Tensor take_plain(const ProductStep& step) { return std::move(plain_[at(step.packed)]); }

  /// The mask of weight drop of a parameter that some product reads through one.
  const Tensor& mask(Index parameter) const { return dropped_[at(parameter)].mask; }

 private:
  /// Of one parameter: what products with weight drop read.
  struct Dropped {
    double rate = 0;  // 0: none does
    Tensor mask;
    Tensor value;  // parameter * mask
  };

  /// What something was made from: the versions of all parameters, and the key of weight drop's masks.
  struct Origin {
    std::vector<std::uint64_t> versions;
    std::uint64_t mask_key = 0;
  };

  /// The products of a stage, one for each packed matrix.
  struct Packs {
    std::vector<const ProductStep*> steps;
    Origin origin;
  };

  Packs& packs(Stage stage) { return packs_[static_cast<std::size_t>(stage)]; }
  void update_dropped(const Origin& now, const ParameterList& parameters, const MaskKeys& keys);
  void drop(Index parameter, const ParameterList& parameters, const MaskKeys& keys, bool redraw);
  void pack(const ProductStep& step, const ParameterList& parameters);

  const Plan& plan_;
  Precision precision_;
  std::array<Packs, 3> packs_;  // by stage
  std::vector<kernels::PackedMatrix> packed_;
  std::vector<Tensor> plain_;
  std::vector<Dropped> dropped_;  // per parameter
  Origin dropped_origin_;
};

}  // namespace unfold::recurrence
