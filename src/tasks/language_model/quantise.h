// A trained language model with weights in fewer bytes, so that a step of generation reads less.
#pragma once

#include <string>
#include <vector>

#include "unfold/batches.h"
#include "unfold/language_model.h"
#include "unfold/weight_format.h"

namespace unfold {

struct QuantisationSettings {
  std::string model;                          // a file or a run's folder
  WeightFormat format = WeightFormat::kInt8;  // what matrices are rounded to, where the loss allows
  std::vector<std::string> valid;             // texts that the loss is measured on, names as for text_files
  std::string out;                            // the model file to write
};

/// The matrices of one part of the model: "embedding", "layers.0", ..., "output".
struct QuantisedPart {
  std::string name;
  WeightFormat format = WeightFormat::kF32;
  /// Loss with this part alone in the format asked for, in nats; 0 where it was not needed.
  double nats_alone = 0;
};

struct Quantisation {
  std::vector<QuantisedPart> parts;
  Index tokens = 0;  // that the losses are means of
  double nats_before = 0;
  double nats_after = 0;
  Index bytes_before = 0;  // of weights that a step of one row reads
  Index bytes_after = 0;
  double seconds_before = 0;  // of a step of one row on this machine
  double seconds_after = 0;
};

/// How much the loss may grow, as a share of it: below what two seeds of a training run differ by.
inline constexpr double kLargestLossIncrease = 1e-3;

/// Rounds the matrices of a model. Where the loss on the batches grows by more than kLargestLossIncrease, the parts
/// that cost most are kept in the next higher precision, one after another, until it does not. Measures losses, not
/// times.
Quantisation round_model(LanguageModel& model, const EvaluationBatches& batches, WeightFormat format);

/// Throws InputError unless a step has become faster.
void expect_faster(const Quantisation& result, WeightFormat format);

/// Rounds a model and writes it. Throws InputError, writing nothing, where the result would not be faster than the
/// model it came from, measured here and now.
Quantisation quantise_language_model(const QuantisationSettings& settings);

}  // namespace unfold
