// evaluate and predict for models that label sequences or steps.
#pragma once

#include <string>
#include <vector>

#include "tasks/labelling/settings.h"

namespace unfold::cli {

/// Prints the metrics; returns the exit code.
int evaluate_labels(const std::string& model, const std::vector<std::string>& data, const ReadingSettings& reading,
                    bool json);

/// Prints the file, or the standard input as it comes, with labels filled in; returns the exit code.
int predict_labels(const std::string& model, const std::string& data, const ReadingSettings& reading, bool scores);

}  // namespace unfold::cli
