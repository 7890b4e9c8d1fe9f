// A linear layer and the softmax above it as one operation, which never holds the logits of more than some rows: with
// V = 50,000 symbols those of a whole batch would be the largest array of the model by far.
#pragma once

#include <span>
#include <vector>

#include "tape/operations/linear.h"

namespace unfold {

/// The matrices of a softmax, one below the other: logits are [x W_1^T + b_1, x W_2^T + b_2, ...].
using LinearBlocks = std::vector<LinearWeights*>;

/// weight * the sum over the rows of x [N, I] of the cross-entropy of softmax(logits) to the target, with smoothed
/// labels (see softmax_cross_entropy): a scalar. `nats` [N] receives -log p(target) of each row. Gradients are made
/// along with the values, chunk after chunk of rows, and are as large as the matrices and as x. `precision` is that of
/// the products.
Variable linear_cross_entropy(Tape& tape, Variable x, const LinearBlocks& blocks, std::span<const std::int32_t> targets,
                              double weight, double smoothing, std::span<double> nats,
                              Precision precision = Precision::kFloat32);

/// The nats alone, without a tape.
void linear_nats(const Tensor& x, const LinearBlocks& blocks, std::span<const std::int32_t> targets,
                 std::span<double> nats);

/// log softmax(logits) of the rows of x: [N, V].
Tensor linear_log_softmax(const Tensor& x, const LinearBlocks& blocks);

}  // namespace unfold
