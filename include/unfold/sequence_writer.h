// Files of sequences of vectors, written piece by piece.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "unfold/tensor.h"

namespace unfold {

/// Writes one format. The texts of `begin`, of every sequence and of `end`, in order, are the file.
class SequenceWriter {
 public:
  virtual ~SequenceWriter() = default;

  virtual std::string begin() = 0;
  /// A sequence: values [T, F], NaN where one is missing; `name` and the number of its first step where the format has
  /// a place for them.
  virtual std::string sequence(const Tensor& values, const std::string& name, Index first_step) = 0;
  virtual std::string end() = 0;
};

/// Writes in `format` where it is `piano-roll` (steps are the names of the columns that are not 0: MIDI notes) or
/// `jsonl`, and otherwise the long table: sequence_id, time, and the F columns.
std::unique_ptr<SequenceWriter> make_sequence_writer(const std::string& format, std::vector<std::string> columns);

}  // namespace unfold
