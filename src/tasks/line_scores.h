// Scores of a text's lines, as they come: for `evaluate --per-line` and `predict`.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <vector>

#include "unfold/model_file.h"
#include "unfold/scoring.h"

namespace unfold {

/// The scores of some lines: [model][line].
using LineScores = std::vector<std::vector<TextScore>>;

/// Reads the lines of `data`, "-" for the standard input, and calls `use` with those that are at hand and their scores
/// by every model, until the end. Throws InputError, naming file and line, for a line that cannot be read.
void score_lines(const std::string& data, std::span<LoadedTextModel> models,
                 const std::function<void(std::span<const std::string> lines, const LineScores& scores)>& use);

}  // namespace unfold
