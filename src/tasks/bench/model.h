// The language model that is measured: what it is made of, tokens to read, and what its work is counted as.
#pragma once

#include <cstdint>
#include <vector>

#include "tasks/language_model/settings.h"
#include "unfold/language_model.h"

namespace unfold {

/// Of the settings those that describe the network, the batch and the text's size count.
struct BenchModel {
  BenchModel();

  LanguageModelSettings settings;
  Index symbols = 65;
  bool gradient_only = false;  // of a training step forward and backward alone

  /// The options of the command line that describe the network.
  Settings list();
  LanguageModel make() const;
};

/// Work of a training step, in operations of matrix products, and of a step of generation.
struct ModelWork {
  /// As everyone counts it: 6 B T for every entry of every product of the cells' equations and of the output layer,
  /// with one-hot input. For an lstm that is 3 * 2 B T (sum over layers of 4 H (I + H), + H V).
  double written_operations = 0;
  double operations = 0;  // those that are executed: look-ups are none
  double loop_operations = 0;
  double loop_bytes = 0;  // of the loops' elementwise passes
  double step_bytes = 0;  // of weights that a step of one row reads
  std::vector<PlanCost::Product> products = {};
};
/// An embedding is not counted. The adaptive softmax counts as the full one that it stands for.
ModelWork work_of(const LanguageModel& model);

/// `count` tokens whose frequencies fall as those of words do: p(rank) ~ 1 / (rank + 2.7), Zipf's law in Mandelbrot's
/// form.
std::vector<std::int32_t> zipf_tokens(Index count, Index symbols);

}  // namespace unfold
