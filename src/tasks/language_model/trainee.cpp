#include "tasks/language_model/trainee.h"

#include <cmath>

#include "tasks/language_model/network.h"
#include "tasks/language_model/optimization.h"

namespace unfold {

LanguageModelTrainee::LanguageModelTrainee(const LanguageModelSettings& settings, const LanguageModelData& data)
    : data_(data),
      model_(model_options(settings), data.vocabulary.size()),
      optimizer_(make_optimizer(settings.optimizer, model_.parameters())),
      average_(make_average(settings.optimizer, model_.parameters())),
      batches_(training_batches(settings, data)),
      schedule_(make_schedule(settings.optimizer, batches_->windows(0))),
      clipping_{.value = settings.optimizer.clip_value, .norm = settings.optimizer.clip_norm},
      settings_(settings.optimizer),
      clip_search_(settings.recovery.clip_search),
      steps_(settings.length.steps),
      usual_rows_(settings.text.unroll_jitter ? batches_->streams() * settings.text.unroll : 0),
      valid_(validation_batches(settings, data)) {}

StepReport LanguageModelTrainee::train(Index step) {
  const TokenBatch batch = batches_->next();
  tape_.clear();
  LanguageModel::Loss loss = model_.loss(tape_, batch, state_, static_cast<std::uint64_t>(step));
  tape_.backward(loss.objective);

  const ClippedGradient gradient = clip_gradient(model_.parameters(), clipping_);
  double rate =
      learning_rate(schedule_, static_cast<std::uint64_t>(step), static_cast<std::uint64_t>(steps_), validations_);
  // The gradient is a mean over the window: without this, tokens of short windows would count more.
  if (usual_rows_ > 0) rate *= static_cast<double>(batch.targets.size()) / static_cast<double>(usual_rows_);
  if (std::isfinite(loss.nats) && std::isfinite(gradient.norm)) {
    optimizer_->step(rate, gradient.factor);
    if (average_) average_->add();
  }
  state_ = std::move(loss.state);
  return {.nats = loss.nats,
          .tokens = static_cast<Index>(batch.targets.size()),
          .learning_rate = rate,
          .gradient_norm = gradient.norm};
}

double LanguageModelTrainee::validate() {
  const AveragedWeights averaged_weights = averaged();
  return model_.evaluate(valid_);
}

void LanguageModelTrainee::heed(const TrainingCounters& counters) {
  const double half = std::ldexp(1, -static_cast<int>(counters.rollbacks));
  if (clip_search_) {
    clipping_ = {.value = settings_.clip_value * half, .norm = settings_.clip_norm * half};
  } else {
    schedule_.peak = settings_.learning_rate * half;
  }
  validations_ = counters.validations;
  const auto interval = static_cast<std::size_t>(settings_.average_trigger);
  if (average_ && !average_->begun() && stopped_improving(validations_, interval)) average_->begin();
}

double LanguageModelTrainee::uninformed_nats() const { return std::log(static_cast<double>(data_.vocabulary.size())); }

double LanguageModelTrainee::epochs(Index steps) const { return batches_->epochs(steps); }

}  // namespace unfold
