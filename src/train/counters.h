// How far a run has come and what it has been through; and what one step did.
#pragma once

#include <limits>
#include <optional>
#include <vector>

#include "models/safetensors.h"
#include "train/divergence.h"

namespace unfold {

/// A running mean of losses, weighted by tokens.
struct MeanLoss {
  double sum = 0;
  Index tokens = 0;

  void add(const StepReport& report) {
    sum += report.nats * static_cast<double>(report.tokens);
    tokens += report.tokens;
  }
  double nats() const { return tokens == 0 ? 0 : sum / static_cast<double>(tokens); }
};

/// What a model is worth on the validation data.
struct Validation {
  double nats = 0;  // mean loss per prediction
  std::optional<double> accuracy = {};

  /// What is to be lowered: mistakes where they are counted, otherwise the loss. The best model is that with the
  /// lowest, and, where that is the same, the lower loss; patience and schedules go by it, too.
  double criterion() const { return accuracy ? 1 - *accuracy : nats; }
  bool better_than(const Validation& other) const {
    return criterion() < other.criterion() || (criterion() == other.criterion() && nats < other.nats);
  }
};

/// Saved with the checkpoint, so that a resumed run goes on counting. All but the time follow from the steps alone.
struct TrainingCounters {
  Index step = 0;                       // steps done
  Index tokens = 0;                     // predicted in training
  double seconds = 0;                   // spent in the loop, over all sittings
  double train_nats = 0;                // over the steps between the last two validations
  std::optional<Validation> best = {};  // that of the saved model
  Index valid_step = 0;                 // where it was measured
  MeanLoss since_log = {};
  MeanLoss since_validation = {};
  LossTrend trend = {};
  Index rollbacks = 0;                   // how often the run went back after a divergence
  std::vector<double> validations = {};  // the criterion of each

  /// Of the saved model; infinite before the first validation.
  double valid_nats() const { return best ? best->nats : std::numeric_limits<double>::infinity(); }
  /// Tokens, or whatever the task counts as such; 0 before the first.
  double tokens_per_second() const { return seconds > 0 ? static_cast<double>(tokens) / seconds : 0; }
};

/// Adds the counters to a checkpoint.
void store_counters(const TrainingCounters& counters, TensorFile& file);
/// Takes them out. Throws InputError where they are missing or damaged.
TrainingCounters take_counters(TensorFile& file);

}  // namespace unfold
