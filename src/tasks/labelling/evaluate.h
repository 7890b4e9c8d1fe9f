// Measuring models that label.
#pragma once

#include <string>
#include <variant>
#include <vector>

#include "tasks/metrics/labelling_metrics.h"
#include "unfold/labelling_model.h"

namespace unfold {

/// Labels every sequence that has a label, several at a time. The labels of `data` must begin with the model's own
/// (relabel). Throws InputError where no sequence, or step, has a label that the model knows.
ClassificationMetrics evaluate_classifier(SequenceClassifier& model, const SequenceData& data);
TaggingMetrics evaluate_tagger(SequenceTagger& model, const SequenceData& data);

struct LabellingEvaluation {
  std::variant<ClassificationMetrics, TaggingMetrics> metrics;
  Labels labels;  // the model's, and those of the data that it does not know
};

/// Reads files as the model's training files were read, but for what `reading` says, and measures.
LabellingEvaluation evaluate_labelling(LoadedLabellingModel& model, const std::vector<std::string>& files,
                                       const ReadOptions& reading);

}  // namespace unfold
