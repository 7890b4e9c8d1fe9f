#include "data/readers/lined_reader.h"

#include <fmt/core.h>

#include "data/readers/fields.h"

namespace unfold {

std::string LinedReader::utf8(std::string_view bytes) {
  bool windows_1252 = false;
  std::string text = read_utf8(bytes, windows_1252);
  if (windows_1252) ++windows_1252_lines_;
  return text;
}

float LinedReader::number(std::string_view text, Index line, std::string_view what) const {
  const auto value = read_number(text);
  if (!value) fail(line, fmt::format("{}: expected a number, or nothing, ? or NaN for a missing one", what));
  return *value;
}

std::string scores_text(const Prediction& prediction) {
  std::string text;
  for (const Prediction::Score& score : prediction.scores) {
    text += fmt::format("{}{}={:.6f}", text.empty() ? "" : ",", score.label, score.probability);
  }
  return text;
}

std::string joined_text(const Predictions& predictions) {
  std::string text;
  for (const Prediction& prediction : predictions.labels) {
    if (!text.empty()) text += ' ';
    text += prediction.label;
    if (predictions.with_scores) text += ' ' + scores_text(prediction);
  }
  return text;
}

Tensor matrix(const std::vector<float>& values, Index width) {
  return Tensor({static_cast<Index>(values.size()) / width, width}, values);
}

}  // namespace unfold
