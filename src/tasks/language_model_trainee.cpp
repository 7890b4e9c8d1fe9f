#include "tasks/language_model_trainee.h"

#include <fmt/core.h>

#include <cmath>

#include "unfold/error.h"

namespace unfold {
namespace {

// The cosine ends at this share of the peak: the last steps still move.
constexpr double kFinalFraction = 0.01;

/// "naive:0.2" or "variational:0.2" as a rewrite.
Rewrite parse_recurrent_dropout(const std::string& text) {
  const std::size_t colon = text.find(':');
  const std::string kind = text.substr(0, colon);
  double rate = -1;
  if (colon != std::string::npos) {
    std::size_t read = 0;
    try {
      rate = std::stod(text.substr(colon + 1), &read);
    } catch (const std::logic_error&) {  // no number, or out of range
    }
    if (colon + 1 + read != text.size()) rate = -1;
  }
  if ((kind != "naive" && kind != "variational") || !(rate >= 0 && rate < 1)) {
    throw UsageError(
        fmt::format("--recurrent-dropout expects none, naive:P or variational:P with 0 <= P < 1, found '{}'", text));
  }
  return {.kind = kind == "naive" ? Rewrite::Kind::kNaiveDropout : Rewrite::Kind::kVariationalDropout,
          .state = {},
          .rate = rate};
}

LanguageModelOptions model_options(const LanguageModelSettings& settings) {
  LanguageModelOptions options;
  options.cell = Cell::load(settings.cell);
  options.hidden = settings.hidden;
  options.layers = settings.layers;
  options.embed = settings.embed;
  options.seed = static_cast<std::uint64_t>(settings.seed);
  options.batch = settings.batch;
  options.steps = settings.unroll;
  if (settings.teacher_forcing != "none") {
    options.rewrites.push_back({.kind = Rewrite::Kind::kTeacherForcing, .state = settings.teacher_forcing});
  }
  if (settings.recurrent_dropout != "none") {
    options.rewrites.push_back(parse_recurrent_dropout(settings.recurrent_dropout));
  }
  return options;
}

std::unique_ptr<Optimizer> make_optimizer(const std::string& name, const ParameterList& parameters) {
  if (name == "adam") return std::make_unique<Adam>(parameters);
  if (name == "sgd") return std::make_unique<Sgd>(parameters);
  throw UsageError(fmt::format("--optimizer expects adam or sgd, found '{}'", name));
}

Schedule make_schedule(const LanguageModelSettings& settings) {
  Schedule schedule;
  if (settings.schedule == "cosine") {
    schedule.kind = Schedule::Kind::kCosine;
  } else if (settings.schedule != "constant") {
    throw UsageError(fmt::format("--schedule expects constant or cosine, found '{}'", settings.schedule));
  }
  schedule.peak = settings.learning_rate;
  schedule.warmup = static_cast<std::uint64_t>(settings.warmup);
  schedule.final_fraction = kFinalFraction;
  return schedule;
}

}  // namespace

LanguageModelTrainee::LanguageModelTrainee(const LanguageModelSettings& settings, const LanguageModelData& data)
    : data_(data),
      model_(model_options(settings), data.vocabulary.size()),
      optimizer_(make_optimizer(settings.optimizer, model_.parameters())),
      schedule_(make_schedule(settings)),
      steps_(settings.steps),
      clip_norm_(settings.clip_norm),
      batches_(data.train, settings.batch, settings.unroll),
      valid_(data.valid, settings.batch, settings.unroll),
      state_(model_.state(batches_.batch())) {}

StepReport LanguageModelTrainee::train(Index step) {
  const TokenBatch batch = batches_.next();
  if (batch.first_window) state_ = model_.state(batches_.batch());
  tape_.clear();
  LanguageModel::Loss loss = model_.loss(tape_, batch, state_, static_cast<std::uint64_t>(step));
  const double nats = tape_.value(loss.nats)[0];
  tape_.backward(loss.nats);

  const double norm = global_norm(model_.parameters());
  const double rate = learning_rate(schedule_, static_cast<std::uint64_t>(step), static_cast<std::uint64_t>(steps_));
  if (std::isfinite(nats) && std::isfinite(norm)) optimizer_->step(rate, clip_factor(norm, clip_norm_));
  state_ = std::move(loss.state);
  return {
      .nats = nats, .tokens = static_cast<Index>(batch.targets.size()), .learning_rate = rate, .gradient_norm = norm};
}

double LanguageModelTrainee::validate() { return model_.evaluate(valid_); }

double LanguageModelTrainee::epochs(Index steps) const {
  return static_cast<double>(steps) / static_cast<double>(batches_.windows());
}

}  // namespace unfold
