// A language model: tokens -> one-hot or embedding -> stack of recurrences -> linear -> softmax over the next token.
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
#include "unfold/tape.h"

namespace unfold {

struct LanguageModelOptions {
  Cell cell = Cell::load("lstm");
  Index hidden = 128;
  Index layers = 1;
  Index embed = 0;                     // size of the embedding; 0: one-hot input
  std::vector<Rewrite> rewrites = {};  // teacher forcing, recurrent dropout
  std::uint64_t seed = 0;              // of the initial values and of all masks
  Index batch = 32;                    // the usual batch and steps: the plan is made for them and runs for any
  Index steps = 64;
};

class LanguageModel {
 public:
  /// For `vocabulary` = V symbols. Throws InputError where the cell does not fit.
  LanguageModel(LanguageModelOptions options, Index vocabulary);
  ~LanguageModel();
  LanguageModel(LanguageModel&&) noexcept;
  LanguageModel& operator=(LanguageModel&&) noexcept;

  const LanguageModelOptions& options() const;
  Index vocabulary() const;
  /// embedding.W, layers.0.W_xi, ..., output.W, output.b. A cell whose output is declared with the size of the label
  /// has no output layer above it.
  const ParameterList& parameters() const;
  /// Number of trained values.
  Index parameter_count() const;

  /// `batch` sequences at their beginning.
  State state(Index batch) const;
  /// A state as named tensors, and back; see RecurrentStack.
  std::map<std::string, Tensor> save_state(const State& state) const;
  State restore_state(const std::map<std::string, Tensor>& tensors, Index batch) const;

  struct Loss {
    Variable nats;  // mean over the predicted tokens
    State state;    // after the window, without gradient: carry it to the next one
  };
  /// The loss of one training window. Dropout masks are drawn for (options().seed, training_step). With teacher forcing
  /// the previous label, which is the current input, takes the place of the state's own previous value.
  Loss loss(Tape& tape, const TokenBatch& batch, const State& state, std::uint64_t training_step);

  /// Sum over the batch of -log p(target), in nats, in evaluation mode; `state` moves on.
  double evaluate(const TokenBatch& batch, State& state);
  /// Mean nats per predicted token of a whole text.
  double evaluate(const EvaluationBatches& batches);

  /// log p(next token) for every row of a batch, in evaluation mode: [N, V]; `state` moves on. Targets are not read.
  Tensor log_probabilities(const Unrolling& unrolling, std::span<const std::int32_t> inputs, State& state);
  /// One step of streaming: log p(next token) after one token per sequence, [B, V]. The same numbers as the whole.
  Tensor step(State& state, std::span<const std::int32_t> tokens);

 private:
  struct Implementation;
  std::unique_ptr<Implementation> implementation_;
};

}  // namespace unfold
