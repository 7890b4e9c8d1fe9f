// The files of models that count and label. See docs/file_format.md.
#pragma once

#include <memory>

#include "models/safetensors.h"
#include "unfold/counting_labellers.h"

namespace unfold {

inline constexpr const char* kHiddenMarkovFormat = "unfold hidden Markov model";
inline constexpr const char* kNaiveBayesFormat = "unfold naive Bayes model";

/// The model in a file of that format. Throws InputError where it is damaged or not what save_labelling_model wrote.
std::unique_ptr<SequenceTagger> read_hidden_markov(TensorFile& file);
std::unique_ptr<SequenceClassifier> read_naive_bayes(TensorFile& file);

}  // namespace unfold
