// The parts of a language model and how a batch runs through them.
#pragma once

#include <memory>
#include <optional>
#include <span>

#include "layers/output/output_layer.h"
#include "unfold/language_model.h"
#include "unfold/language_stream.h"

namespace unfold {

struct LanguageModel::Implementation {
  Implementation(LanguageModelOptions chosen, Index vocabulary_size);

  struct Run {
    Variable output;    // of the recurrence [N, its size]
    Variable dropped;   // the same after dropout
    Variable features;  // what the output layer reads: the same, projected to the table's size where that is needed
    State state;
  };
  Run run(Tape& tape, const Unrolling& unrolling, std::span<const std::int32_t> inputs, const State& state, Mode mode,
          const MaskKeys& keys = {});
  /// The same for a batch of streams: `state` is theirs, before and after; see TokenBatch.
  Run run(Tape& tape, const TokenBatch& batch, const State& state, Mode mode, const MaskKeys& keys = {});
  /// The penalties on activations, times their factors, if there are any.
  std::optional<Variable> penalties(Tape& tape, const Run& run, const Unrolling& unrolling) const;

  MaskKeys keys(std::uint64_t training_step) const;
  /// A stream's packed weights are as large as the model, and old after a step of training, which has no use for their
  /// memory.
  void end_stream();
  void expect_inputs(const Unrolling& unrolling, std::span<const std::int32_t> inputs) const;

  LanguageModelOptions options;
  Index vocabulary;
  std::optional<Parameter> table;  // [V, embed]
  RecurrentStack stack;
  std::optional<Linear> projection;
  std::unique_ptr<OutputLayer> output;
  ParameterList parameters;
  std::optional<LanguageStream> stream;  // of `step`, made when first needed

 private:
  SequenceInput input(Tape& tape, const Unrolling& unrolling, std::span<const std::int32_t> inputs, Mode mode,
                      const MaskKeys& keys);
  void make_output();
  void start_matrices();
};

}  // namespace unfold
