// A layer of a stack: a recurrence, or two of one cell side by side, the second of which reads every sequence from its
// end.
#pragma once

#include <cstddef>
#include <vector>

#include "layers/recurrent.h"
#include "unfold/layers.h"

namespace unfold {

class StackLayer {
 public:
  /// Layer number `layer`, reading vectors of `input` values. Throws InputError where the cell does not fit.
  StackLayer(const Cell& cell, const StackOptions& options, std::size_t layer, Index input);

  Index output_size() const;
  ParameterList parameters() const;
  /// The forward recurrence, then the backward one, if there is one.
  std::vector<Recurrence>& directions() { return directions_; }
  const std::vector<Recurrence>& directions() const { return directions_; }

  /// The output is [forward, backward] where there are two directions; both then begin at their start, and no state is
  /// left to continue from.
  RecurrentResult forward(Tape& tape, const SequenceInput& input, const RecurrentCall& call);

 private:
  std::vector<Recurrence> directions_;
};

}  // namespace unfold
