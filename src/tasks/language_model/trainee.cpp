#include "tasks/language_model/trainee.h"

#include <cmath>

#include "tasks/language_model/network.h"
#include "tasks/language_model/optimization.h"

namespace unfold {

LanguageModelTrainee::LanguageModelTrainee(const LanguageModelSettings& settings, const LanguageModelData& data)
    : data_(data),
      model_(model_options(settings), data.vocabulary.size()),
      optimizer_(make_optimizer(settings.optimizer, model_.parameters())),
      schedule_(make_schedule(settings.optimizer)),
      steps_(settings.length.steps),
      clip_norm_(settings.optimizer.clip_norm),
      batches_(data.train, settings.text.batch, settings.text.unroll),
      valid_(data.valid, settings.text.batch, settings.text.unroll),
      state_(model_.state(batches_.batch())) {}

StepReport LanguageModelTrainee::train(Index step) {
  const TokenBatch batch = batches_.next();
  if (batch.first_window) state_ = model_.state(batches_.batch());
  tape_.clear();
  LanguageModel::Loss loss = model_.loss(tape_, batch, state_, static_cast<std::uint64_t>(step));
  tape_.backward(loss.objective);

  const double norm = global_norm(model_.parameters());
  const double rate = learning_rate(schedule_, static_cast<std::uint64_t>(step), static_cast<std::uint64_t>(steps_));
  if (std::isfinite(loss.nats) && std::isfinite(norm)) optimizer_->step(rate, clip_factor(norm, clip_norm_));
  state_ = std::move(loss.state);
  return {.nats = loss.nats,
          .tokens = static_cast<Index>(batch.targets.size()),
          .learning_rate = rate,
          .gradient_norm = norm};
}

double LanguageModelTrainee::validate() { return model_.evaluate(valid_); }

double LanguageModelTrainee::epochs(Index steps) const {
  return static_cast<double>(steps) / static_cast<double>(batches_.windows());
}

}  // namespace unfold
