// Labelling files: they come back with their labels filled in.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "unfold/labelling_model.h"

namespace unfold {

/// Reads `file`, "-" for the standard input, and calls `write` with its bytes, in order, with labels as predicted.
/// Standard input is answered sequence by sequence, as soon as each is there; its format is `text` unless `reading`
/// names one. Throws InputError, naming file and line, for what cannot be read.
void predict_labels(LoadedLabellingModel& model, const std::string& file, ReadOptions reading, bool with_scores,
                    const std::function<void(std::string_view)>& write);

}  // namespace unfold
