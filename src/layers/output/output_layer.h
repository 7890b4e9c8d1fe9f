// What stands above the recurrence: vectors to a distribution over the symbols.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "unfold/layers.h"

namespace unfold {

/// log p of every symbol for few rows at a time, as often as asked: the weights are packed for it.
class OutputStream {
 public:
  virtual ~OutputStream() = default;

  /// Packs weights again that have changed.
  virtual void refresh() = 0;
  /// result [rows, V] from x [rows, inputs]. Allocates only for more rows than ever before.
  virtual void log_probabilities(const float* x, Index rows, float* result) = 0;
  /// Bytes of weights that a row reads.
  virtual Index bytes() const = 0;
};

class OutputLayer {
 public:
  virtual ~OutputLayer() = default;

  /// Without those of the embedding, where its table is used.
  virtual const ParameterList& parameters() const = 0;
  /// Mean over the rows of x [N, inputs] of the cross-entropy to the target, in nats, with smoothed labels (see
  /// softmax_cross_entropy); `nats` receives the mean of -log p(target) alone.
  virtual Variable loss(Tape& tape, Variable x, std::span<const std::int32_t> targets, double smoothing,
                        double& nats) = 0;
  /// -log p(target) of each row.
  virtual std::vector<double> nats(const Tensor& x, std::span<const std::int32_t> targets) = 0;
  /// log p of every symbol: [N, V].
  virtual Tensor log_probabilities(const Tensor& x) = 0;
  /// The same, step after step. Refers to this layer.
  virtual std::unique_ptr<OutputStream> stream() = 0;
};

struct OutputPlace {
  Index inputs = 0;            // size of the vectors
  Index symbols = 0;           // V
  Parameter* table = nullptr;  // [V, inputs]: the embedding, if the weights are tied
  std::uint64_t seed = 0;
  Precision precision = Precision::kFloat32;  // of the products of `loss`
};

/// x itself are the logits: of a cell whose output has the size of the label.
std::unique_ptr<OutputLayer> make_cell_softmax(Index symbols);
/// softmax(W x + b); W is the embedding's table where there is one. Parameters output.W, output.b.
std::unique_ptr<OutputLayer> make_full_softmax(const OutputPlace& place);
/// The adaptive softmax of Grave et al. 2017 for symbols in the order of falling frequency. `cutoffs` are the first
/// symbols of the tail clusters, rising, in (0, V).
std::unique_ptr<OutputLayer> make_adaptive_softmax(const OutputPlace& place, const std::vector<Index>& cutoffs);

/// Cutoffs that make the layer cheap for symbols whose frequency falls as Zipf's law says; none for a vocabulary that
/// is too small to gain from tails.
std::vector<Index> choose_cutoffs(Index symbols, Index inputs, bool tied);

/// Size of the vectors in tail cluster number `tail` = 0, 1, ...: reduced fourfold from cluster to cluster (Grave et
/// al. 2017); that of the table where the weights are tied.
Index tail_width(Index inputs, Index tail, bool tied);

}  // namespace unfold
