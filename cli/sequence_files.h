// evaluate, predict and generate for models that predict vectors step by step.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "tasks/labelling/settings.h"
#include "tasks/sequence/evaluate.h"

namespace unfold::cli {

/// In a line, and as JSON.
std::string summary(const VectorEvaluation& evaluation);
nlohmann::ordered_json to_json(const VectorEvaluation& evaluation);

// These print the result and return the exit code.

int evaluate_sequences(const std::string& model, const std::vector<std::string>& data, const ReadingSettings& reading,
                       bool json);

/// The file of predictions; the standard input is answered sequence by sequence.
int predict_sequences(const std::string& model, const std::string& data, const ReadingSettings& reading, bool scores);

struct SequenceGeneration {
  Index length = 100;
  Index count = 1;
  Index seed = 0;
  std::string prime;  // a file whose first sequence is continued; empty: none
};
int generate_sequences(const std::string& model, const SequenceGeneration& options);

}  // namespace unfold::cli
