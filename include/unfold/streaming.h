// Recurrences run one step at a time, for one row or a few, at the speed at which their weights can be read.
#pragma once

#include <cstdint>
#include <memory>

#include "unfold/parameter.h"
#include "unfold/recurrence.h"

namespace unfold {

/// What a stream reads at every step.
struct StreamInput {
  InputValues::Kind kind = InputValues::Kind::kDense;
  const Parameter* table = nullptr;  // [V, I], of kEmbedded
};

/// A recurrence in evaluation mode, one step at a time. Everything is planned, packed and bound when it is made, so a
/// step is its products and its elementwise passes and nothing else: no allocation, no look-up of what lies where.
///
/// Rows are sequences; a row's numbers depend neither on the other rows nor on how many there are, and equal those of
/// the whole sequence within rounding. Not for several threads at once.
class RecurrenceStream {
 public:
  /// Refers to the recurrence's parameters, and to the table. Throws InputError for a cell with givens or with more
  /// than one input.
  explicit RecurrenceStream(const Recurrence& recurrence, StreamInput input = {});
  ~RecurrenceStream();
  RecurrenceStream(RecurrenceStream&&) noexcept;
  RecurrenceStream& operator=(RecurrenceStream&&) noexcept;

  /// Makes room for more rows; those there are keep their states, new ones are at the cell's start. One at first.
  void reserve(Index rows);
  Index rows() const;
  /// Packs the parameters again if one has changed since. Asked for by the owner, since looking takes time.
  void refresh();

  Index input_size() const;
  Index output_size() const;
  Index states() const;
  Index state_size(Index state) const;

  /// What a row reads at the next step: its vector [I] for the caller to write, or its token.
  float* input(Index row);
  void set_token(Index row, std::int32_t token);
  /// A row's state after the last step [size], to be read, kept, or replaced.
  float* state(Index state, Index row);
  /// Puts a row at the cell's start.
  void start(Index row);

  /// One step of rows 0 ... rows - 1. Throws ContractError for more rows than there are.
  void step(Index rows = 1);
  /// What the layer above sees of a row at the last step [output size].
  const float* output(Index row) const;

  /// Bytes of weights that a step of one row reads.
  Index bytes() const;

 private:
  struct Implementation;
  std::unique_ptr<Implementation> implementation_;
};

}  // namespace unfold
