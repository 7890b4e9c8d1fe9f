// Unfolded recurrences as one operation of the tape.
#pragma once

#include <span>
#include <vector>

#include "unfold/layers.h"

namespace unfold {

struct RecurrentCall {
  const Unrolling* unrolling = nullptr;
  const CellState* initial = nullptr;  // null: at the start
  std::vector<bool> begins = {};       // sequences that are at the start beside others; see ForwardArguments
  Mode mode = Mode::kEvaluation;
  MaskKeys keys;
  std::span<const std::int32_t> teacher;  // read by each of `forced_states` states; [N]
  std::size_t forced_states = 0;
};

struct RecurrentResult {
  Variable output;  // [N, output size]
  CellState final;  // values: gradients end here
};

/// A recurrence, which outlives the tape's recording, what it reads, and how.
struct Unfolding {
  Recurrence* recurrence = nullptr;
  SequenceInput input;
  RecurrentCall call;
};

/// Unfolds recurrences of which none reads what another writes. Where there are no more threads than recurrences, each
/// has a thread to itself, forward and backward; otherwise they run one after another on all threads. Both give the
/// same bits.
std::vector<RecurrentResult> recurrent(Tape& tape, std::span<const Unfolding> unfoldings);

}  // namespace unfold
