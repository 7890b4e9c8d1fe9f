// Predictions for files of sequences of vectors, written as such files.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "unfold/sequence_model.h"

namespace unfold {

/// The format in which vectors are written that come from a file of `format`: itself where it is JSON Lines, or a piano
/// roll and the vectors are bits, otherwise the long table.
std::string written_format(const std::string& format, bool bits);

/// Reads `file`, "-" for the standard input, and calls `write` with a file of what the model predicts after each step:
/// the step after it, or the predicted numbers of the same step, in the file's own format where that is a piano roll
/// or JSON Lines, otherwise as a long table. With `probabilities` bits and symbols come as probabilities, in
/// a long table or JSON Lines. Each sequence is answered as soon as it is there. Throws InputError, naming file and
/// line, for what cannot be read; UsageError for probabilities of numbers.
void predict_vectors(LoadedSequenceModel& model, const std::string& file, const ReadOptions& reading,
                     bool probabilities, const std::function<void(std::string_view)>& write);

}  // namespace unfold
