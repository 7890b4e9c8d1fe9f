// A language model: tokens -> one-hot or embedding -> stack of recurrences -> softmax over the next token.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "unfold/cell.h"
#include "unfold/data.h"
#include "unfold/layers.h"
#include "unfold/parameter.h"
#include "unfold/precision.h"
#include "unfold/tape.h"

namespace unfold {

/// What stands above the recurrence.
struct OutputOptions {
  enum class Kind : std::uint8_t {
    kFull,      // a softmax over all symbols
    kAdaptive,  // Grave et al. 2017: for large vocabularies in the order of falling frequency
  };
  Kind kind = Kind::kFull;
  std::vector<Index> cutoffs =
      {};  // first symbols of the adaptive softmax' tails, rising; empty: chosen, see options()
  /// The embedding's table is the output's matrix, too (Press and Wolf 2017; Inan et al. 2017). Where the recurrence's
  /// output is not of the embedding's size, a linear layer stands between.
  bool tied = false;
};

/// What is added to the loss in training. All in nats.
struct PenaltyOptions {
  double label_smoothing = 0;  // E in [0, 1): the label is 1 - E of the target and E of the uniform distribution
  /// AR and TAR of Merity, McCann and Socher 2017: times the mean square of what the output layer reads, after dropout;
  /// and of the change of the recurrence's output from step to step, before dropout.
  double activation = 0;
  double temporal_activation = 0;
};

struct LanguageModelOptions {
  Cell cell = Cell::load("lstm");
  std::vector<Index> hidden = {128};  // units of each layer, from the bottom
  Index embed = 0;                    // size of the embedding; 0: one-hot input
  bool skip = false;                  // see StackOptions
  bool residual = false;
  OutputOptions output = {};
  std::vector<Rewrite> rewrites = {};  // teacher forcing, recurrent dropout
  DropoutOptions dropout = {};
  PenaltyOptions penalties = {};
  Initialisation initialisation = {};  // `matrices` are those of embedding and output, too
  std::uint64_t seed = 0;              // of the initial values and of all masks
  Index batch = 32;                    // the usual batch and steps: the plan is made for them and runs for any
  Index steps = 64;
  /// Of the products of training; evaluation and generation multiply in float32.
  Precision precision = Precision::kFloat32;
};

class LanguageModel {
 public:
  /// For `vocabulary` = V symbols. Throws InputError where the cell does not fit, UsageError for options that
  /// contradict each other.
  LanguageModel(LanguageModelOptions options, Index vocabulary);
  ~LanguageModel();
  LanguageModel(LanguageModel&&) noexcept;
  LanguageModel& operator=(LanguageModel&&) noexcept;

  /// What it was made of; cutoffs that were left open are filled in.
  const LanguageModelOptions& options() const;
  Index vocabulary() const;
  /// embedding.W, layers.0.W_xi, ..., output.W, output.b. A cell whose output is declared with the size of the label
  /// has no output layer above it; with tied weights output.W is embedding.W.
  const ParameterList& parameters() const;
  /// Number of trained values.
  Index parameter_count() const;
  /// See RecurrentStack.
  std::vector<Index> layers_without_residual() const;
  std::vector<PlanCost> layer_costs() const;
  PlanSeconds layer_seconds() const;
  /// Bytes of tensors that training with Adam on batches of the usual size holds at most: weights, their gradients and
  /// Adam's two averages; what the layers keep for backward, and their outputs; what passes while one layer is worked
  /// on. Without dropout between the layers.
  double training_bytes() const;

  /// `batch` sequences at their beginning.
  State state(Index batch) const;
  /// A state as named tensors, and back; see RecurrentStack.
  std::map<std::string, Tensor> save_state(const State& state) const;
  State restore_state(const std::map<std::string, Tensor>& tensors, Index batch) const;

  struct Loss {
    Variable objective;  // what training lowers: the mean over the predicted tokens, and the penalties
    State state;         // of the batch's streams after the window, without gradient: carry it to the next one
    double nats = 0;     // mean of -log p(target) alone
  };
  /// The loss of one training batch. `state` is that of its streams; where none is continued it is not read. Dropout
  /// masks are drawn for (options().seed, training_step). With teacher forcing the previous label, which is the current
  /// input, takes the place of the state's own previous value.
  Loss loss(Tape& tape, const TokenBatch& batch, const State& state, std::uint64_t training_step);

  /// -log p(target) of each row, in nats, in evaluation mode; `state` moves on.
  std::vector<double> token_nats(const TokenBatch& batch, State& state);
  /// Sum over the batch of -log p(target), in nats, in evaluation mode; `state` moves on.
  double evaluate(const TokenBatch& batch, State& state);
  /// Mean nats per predicted token of a whole text.
  double evaluate(const EvaluationBatches& batches);
  /// True if training drops or keeps something at random, so that there is something to sample.
  bool draws_masks() const;
  /// The same with Monte Carlo dropout (Gal and Ghahramani 2016): the probabilities are averaged over `samples` runs of
  /// the text, each with masks and a state of its own. New masks are drawn for every window of `batches`.
  double evaluate_monte_carlo(const EvaluationBatches& batches, Index samples);

  /// log p(next token) for every row of a batch, in evaluation mode: [N, V]; `state` moves on. Targets are not read.
  Tensor log_probabilities(const Unrolling& unrolling, std::span<const std::int32_t> inputs, State& state);
  /// One step of streaming: log p(next token) after one token per sequence, [B, V]. The same numbers as the whole,
  /// within rounding; those of a sequence do not depend on the others. See LanguageStream.
  Tensor step(State& state, std::span<const std::int32_t> tokens);

 private:
  friend class LanguageStream;
  struct Implementation;
  std::unique_ptr<Implementation> implementation_;
};

}  // namespace unfold
