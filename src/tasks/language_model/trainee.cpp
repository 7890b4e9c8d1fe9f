#include "tasks/language_model/trainee.h"

#include <cmath>

#include "tasks/language_model/network.h"

namespace unfold {

LanguageModelTrainee::LanguageModelTrainee(const LanguageModelSettings& settings, const LanguageModelData& data)
    : data_(data),
      model_(model_options(settings), data.vocabulary.size()),
      batches_(training_batches(settings, data)),
      optimization_(settings.optimizer, settings.recovery, model_.parameters(), settings.length.steps,
                    batches_->windows(0)),
      usual_rows_(settings.text.unroll_jitter ? batches_->streams() * settings.text.unroll : 0),
      valid_(validation_batches(settings, data)) {}

StepReport LanguageModelTrainee::train(Index step) {
  const TokenBatch batch = batches_->next();
  tape_.clear();
  LanguageModel::Loss loss = model_.loss(tape_, batch, state_, static_cast<std::uint64_t>(step));
  tape_.backward(loss.objective);

  const auto tokens = static_cast<Index>(batch.targets.size());
  // The gradient is a mean over the window: without this, tokens of short windows would count more.
  const double share = usual_rows_ > 0 ? static_cast<double>(tokens) / static_cast<double>(usual_rows_) : 1;
  state_ = std::move(loss.state);
  return optimization_.step(step, loss.nats, tokens, share);
}

Validation LanguageModelTrainee::validate() {
  const AveragedWeights averaged_weights = averaged();
  return {model_.evaluate(valid_)};
}

void LanguageModelTrainee::heed(const TrainingCounters& counters) { optimization_.heed(counters); }

double LanguageModelTrainee::uninformed_nats() const { return std::log(static_cast<double>(data_.vocabulary.size())); }

double LanguageModelTrainee::epochs(Index steps) const { return batches_->epochs(steps); }

}  // namespace unfold
