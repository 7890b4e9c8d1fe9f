// How long a whole training step of a language model takes, on tokens drawn by Zipf's law.
#pragma once

#include <string>

#include "unfold/tensor.h"

namespace unfold {

struct TrainingBench {
  std::string cell = "lstm";
  Index hidden = 512;
  Index layers = 3;
  Index embed = 0;                // size of the embedding, 0: one-hot input
  bool adaptive_softmax = false;  // else the full one
  Index symbols = 65;
  Index batch = 64;
  Index unroll = 64;
};

struct TrainingBenchResult {
  double seconds = 0;  // of one step: forward, backward, clipping and the optimiser's update
  /// Floating-point operations of one step as counted for the equations as written: 2 B T for every entry of every
  /// matrix, forward and twice that backward. One-hot products count too, although they are look-ups; an embedding does
  /// not. The adaptive softmax counts as the full one that it stands for.
  double flops = 0;
};

/// The median of `repeats` measurements of a second or so each, after a warm-up.
TrainingBenchResult bench_training(const TrainingBench& bench, int repeats);

}  // namespace unfold
