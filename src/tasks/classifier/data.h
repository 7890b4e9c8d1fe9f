// Labelled sequences as a classifier that is a network reads them.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tasks/classifier/settings.h"
#include "tasks/labelling/data.h"
#include "unfold/recurrent_classifier.h"

namespace unfold {

/// A part of the data.
struct EncodedPart {
  std::vector<EncodedSequence> sequences;
  std::vector<std::int32_t> labels;

  std::vector<Index> lengths() const;
  Index steps() const;
};

struct ClassifierData {
  EncodedPart train;
  EncodedPart valid;
  ClassifierInput input;
  Labels labels;                     // those of the training part
  Labels valid_labels;               // the same, and behind them those of the validation part alone
  std::vector<float> class_weights;  // [K]; empty where all count alike
  std::uint64_t checksum = 0;        // of what is learnt from: a run continues with the same
  std::string source;
  std::vector<std::string> remarks;
};

/// Encodes the data and chooses what the settings leave open of it. Throws UsageError for settings that do not fit it.
ClassifierData encode_data(LabelledData read, ClassifierSettings& settings);
/// Reads the data and chooses what the settings leave open of it. Throws InputError for bad data, UsageError for
/// settings that do not fit them.
ClassifierData read_classifier_data(ClassifierSettings& settings);

}  // namespace unfold
