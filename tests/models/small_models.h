// Small language models and texts for the tests of models and generation.
#pragma once

#include <string>

#include "unfold/clipping.h"
#include "unfold/data.h"
#include "unfold/language_model.h"
#include "unfold/optimizer.h"

namespace unfold {

inline LanguageModelOptions small_options(const std::string& cell = "lstm") {
  LanguageModelOptions options{.cell = Cell::load(cell)};
  options.hidden = {6};
  options.batch = 2;
  options.steps = 4;
  options.seed = 5;
  return options;
}

/// B = 2, T = 4 over 5 symbols.
inline TokenBatch small_batch() {
  TokenBatch batch;
  batch.unrolling = Unrolling::equal(4, 2);
  batch.inputs = {1, 0, 3, 4, 2, 1, 0, 3};
  batch.targets = {3, 4, 2, 1, 0, 3, 2, 2};
  return batch;
}

/// One step of training on a batch from the beginning; returns its loss.
inline double train_step(LanguageModel& model, Optimizer& optimizer, Tape& tape, const TokenBatch& batch, double rate,
                         std::uint64_t step) {
  tape.clear();
  const LanguageModel::Loss loss = model.loss(tape, batch, model.state(batch.unrolling.batch()), step);
  tape.backward(loss.objective);
  optimizer.step(rate, clip_factor(global_norm(model.parameters()), 1.0));
  return loss.nats;
}

}  // namespace unfold
