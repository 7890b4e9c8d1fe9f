// Measuring models that predict vectors, beside what costs nothing to predict.
#pragma once

#include <string>
#include <vector>

#include "unfold/sequence_model.h"

namespace unfold {

/// Of one predicted column of numbers, in the data's own units.
struct ColumnError {
  std::string name;
  Index count = 0;                  // values that are there
  double model = 0;                 // mean squared error
  double mean = 0;                  // that of predicting the column's mean over these values: their variance
  std::optional<double> last = {};  // that of repeating the value of the step before; nothing where none has one

  /// The share of the variance that is explained; 0 where there is none to explain.
  double r_squared() const { return mean > 0 ? 1 - model / mean : 0; }
};

struct VectorEvaluation {
  VectorTarget target = VectorTarget::kSquared;
  Index sequences = 0;
  Index steps = 0;  // that were predicted
  /// Means over the steps. Of bits and symbols in nats: of the model, of each bit or symbol by itself as often as in
  /// the training part, and after the one before it. Of numbers `cost` is the mean squared error of standardised
  /// numbers.
  double cost = 0;
  double alone_nats = 0;
  double chain_nats = 0;
  std::vector<ColumnError> columns = {};  // of numbers

  /// Means over all values of numbers.
  double squared_error() const;
  std::optional<double> last_squared_error() const;
  /// The mean of the columns'.
  double r_squared() const;
};

/// `chains` may be null: then their nats stay 0. Throws InputError for a sequence that does not fit the model, and
/// where there is no step to predict.
VectorEvaluation evaluate_vectors(SequenceModel& model, const StepChains* chains, const SequenceData& data);

/// Reads files as the model's training files were read, but for what `reading` says, and measures beside the model's
/// own statistics.
VectorEvaluation evaluate_vector_files(LoadedSequenceModel& model, const std::vector<std::string>& files,
                                       const ReadOptions& reading);

/// Deviations [W] of the errors that the model makes on (a part of) its training data, standardised.
std::vector<float> measure_noise(SequenceModel& model, const SequenceData& train);

}  // namespace unfold
