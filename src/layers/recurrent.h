// One unfolded recurrence as one operation of the tape.
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

/// Unfolds `recurrence`, which outlives the tape's recording.
RecurrentResult recurrent(Tape& tape, Recurrence& recurrence, const SequenceInput& input, const RecurrentCall& call);

}  // namespace unfold
