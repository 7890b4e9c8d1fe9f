// Labelled sequences as settings describe them, divided into a training and a validation part.
#pragma once

#include <string>
#include <vector>

#include "tasks/labelling/settings.h"
#include "unfold/sequences.h"

namespace unfold {

struct LabelledData {
  SequenceData train;
  SequenceData valid;  // with the labels of `train`, others behind them
  /// What the user should know: duplicates that were removed, sequences that are in both parts, old encodings.
  std::vector<std::string> remarks;
};

/// All sequences of some files as one, their labels in the order of `labels`, others behind them. Throws InputError
/// where the files hold sequences of different kinds.
SequenceData read_files(const std::vector<std::string>& files, const ReadOptions& options, const Labels& labels = {});

/// Reads what a task learns from. The validation part is --valid; or the parts of a file that has parts "train" and
/// "valid"; or a stratified share of --data. Throws InputError where a part is empty, UsageError where there is no
/// --data.
LabelledData read_labelled_data(const LabelledDataSettings& settings, const ReadOptions& defaults = {});

/// Steps of a batch where nothing says how many, for a training part of so many sequences and steps in all.
Index usual_batch(Index steps, Index sequences);

/// The labels that some steps of the training part have; labels of the validation part alone are none of them.
Labels step_labels_of_training(const LabelledData& data);

}  // namespace unfold
