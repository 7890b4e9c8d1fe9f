// Reading sequences from a text, and writing it again with labels.
#pragma once

#include <string>
#include <vector>

#include "unfold/sequence_reader.h"

namespace unfold {

struct ReadText {
  std::vector<Sequence> sequences;
  std::vector<std::string> labels;
  SequenceKind kind = SequenceKind::kText;
  std::string bytes;  // of all pieces
};

inline ReadText read_from(const std::string& content, const std::string& name, const ReadOptions& options = {}) {
  const auto reader = read_sequences_of(content, name, options);
  ReadText result;
  while (auto record = reader->next()) {
    result.bytes += record->bytes;
    if (record->sequence) result.sequences.push_back(std::move(*record->sequence));
  }
  result.labels.assign(reader->labels().names().begin(), reader->labels().names().end());
  result.kind = reader->kind();
  return result;
}

/// `labels` for every sequence, or its first steps' labels, those of the file where `labels` is empty.
inline std::string written_with(const std::string& content, const std::string& name,
                                const std::vector<std::string>& labels, bool of_steps = false,
                                const ReadOptions& options = {}, bool with_scores = false) {
  const auto reader = read_sequences_of(content, name, options);
  std::string text;
  while (auto record = reader->next()) {
    Predictions predictions{.labels = {}, .of_steps = of_steps, .with_scores = with_scores};
    if (record->sequence) {
      for (const std::string& label : labels) {
        predictions.labels.push_back({label, {}});
        if (with_scores) predictions.labels.back().scores = {{label, 0.75}, {"other", 0.25}};
      }
      if (labels.empty() && of_steps) {
        for (const std::int32_t label : record->sequence->step_labels) {
          predictions.labels.push_back({label == Labels::kNone ? "_" : reader->labels().name(label), {}});
        }
      }
      if (labels.empty() && !of_steps)
        predictions.labels.push_back({reader->labels().name(record->sequence->label), {}});
    }
    text += reader->rewritten(*record, predictions);
  }
  return text;
}

inline std::vector<float> values_of(const Sequence& sequence) {
  return {sequence.values.values().begin(), sequence.values.values().end()};
}

}  // namespace unfold
