#include "tasks/training/optimization.h"

#include <fmt/core.h>
#include <fmt/ranges.h>

#include <array>
#include <cmath>
#include <string_view>

#include "base/text_distance.h"
#include "tasks/training/checkpoint.h"
#include "train/early_stopping.h"
#include "unfold/error.h"

namespace unfold {
namespace {

// The cosine ends at this share of the peak: the last steps still move.
constexpr double kFinalFraction = 0.01;
constexpr Index kRetries = 3;
constexpr Index kSearches = 10;  // halvings of a threshold: down to a thousandth

using OptimizerPointer = std::unique_ptr<Optimizer>;

struct Method {
  const char* name;
  double rate;  // if none is given
  OptimizerPointer (*make)(const OptimizerSettings&, const ParameterList&);
};

OptimizerPointer make_sgd(const OptimizerSettings& settings, const ParameterList& parameters) {
  return std::make_unique<Sgd>(parameters, settings.weight_decay);
}

template <bool kNesterov>
OptimizerPointer make_momentum(const OptimizerSettings& settings, const ParameterList& parameters) {
  const MomentumOptions options{
      .momentum = settings.momentum, .nesterov = kNesterov, .weight_decay = settings.weight_decay};
  return std::make_unique<Momentum>(parameters, options);
}

template <bool kDecoupled>
OptimizerPointer make_adam(const OptimizerSettings& settings, const ParameterList& parameters) {
  return std::make_unique<Adam>(parameters,
                                AdamOptions{.weight_decay = settings.weight_decay, .decoupled = kDecoupled});
}

OptimizerPointer make_rmsprop(const OptimizerSettings& settings, const ParameterList& parameters) {
  return std::make_unique<RmsProp>(parameters, RmsPropOptions{.weight_decay = settings.weight_decay});
}

OptimizerPointer make_adagrad(const OptimizerSettings& settings, const ParameterList& parameters) {
  return std::make_unique<Adagrad>(parameters, AdagradOptions{.weight_decay = settings.weight_decay});
}

constexpr std::array kMethods = {Method{"sgd", 1, make_sgd},
                                 Method{"asgd", 1, make_sgd},
                                 Method{"momentum", 0.1, make_momentum<false>},
                                 Method{"nesterov", 0.1, make_momentum<true>},
                                 Method{"rmsprop", 2e-3, make_rmsprop},
                                 Method{"adagrad", 0.1, make_adagrad},
                                 Method{"adam", 2e-3, make_adam<false>},
                                 Method{"adamw", 2e-3, make_adam<true>}};

struct Kind {
  const char* name;
  Schedule::Kind kind;
};

constexpr std::array kKinds = {
    Kind{"constant", Schedule::Kind::kConstant},       Kind{"step", Schedule::Kind::kStep},
    Kind{"exponential", Schedule::Kind::kExponential}, Kind{"cosine", Schedule::Kind::kCosine},
    Kind{"onecycle", Schedule::Kind::kOneCycle},       Kind{"plateau", Schedule::Kind::kPlateau}};

/// The entry of that name.
template <class Entries>
const auto& find(const Entries& entries, const char* option, const std::string& name) {
  std::vector<std::string> names;
  for (const auto& entry : entries) {
    if (entry.name == name) return entry;
    names.push_back(entry.name);
  }
  throw UsageError(fmt::format("--{} expects one of {}; found '{}'{}", option, fmt::join(names, ", "), name,
                               did_you_mean(name, names)));
}

void expect(bool holds, const char* option, const char* expected, double value) {
  if (!holds) throw UsageError(fmt::format("--{} must be {}, found {}", option, expected, value));
}

OptimizerPointer make_optimizer(const OptimizerSettings& settings, const ParameterList& parameters) {
  return find(kMethods, "optimizer", settings.method).make(settings, parameters);
}

/// Epochs become steps.
Schedule make_schedule(const OptimizerSettings& settings, Index steps_per_epoch) {
  const auto epoch = static_cast<double>(steps_per_epoch);
  return {.kind = find(kKinds, "schedule", settings.schedule).kind,
          .peak = settings.learning_rate,
          .warmup = static_cast<std::uint64_t>(settings.warmup),
          .decay = settings.decay,
          .decay_after = settings.decay_after * epoch,
          .decay_every = settings.decay_every * epoch,
          .patience = static_cast<std::uint64_t>(settings.decay_patience),
          .final_fraction = kFinalFraction};
}

/// Null if there is none; exponential averages have begun, asgd's begins when validations cease to improve.
std::unique_ptr<WeightAverage> make_average(const OptimizerSettings& settings, const ParameterList& parameters) {
  if (settings.method == "asgd") return std::make_unique<WeightAverage>(parameters, 0);
  if (settings.average_weights == 0) return nullptr;
  auto average = std::make_unique<WeightAverage>(parameters, settings.average_weights);
  average->begin();
  return average;
}

}  // namespace

void check(const OptimizerSettings& settings, const RecoverySettings& recovery) {
  const OptimizerSettings& s = settings;
  if (s.learning_rate != kAutomatic) expect(s.learning_rate > 0, "lr", "above 0", s.learning_rate);
  expect(s.momentum >= 0 && s.momentum < 1, "momentum", "at least 0 and below 1", s.momentum);
  expect(s.weight_decay >= 0, "weight-decay", "at least 0", s.weight_decay);
  expect(s.decay > 0 && s.decay <= 1, "decay", "above 0 and at most 1", s.decay);
  expect(s.decay_after >= 0, "decay-after", "at least 0", s.decay_after);
  expect(s.decay_every > 0, "decay-every", "above 0", s.decay_every);
  expect(s.decay_patience > 0, "decay-patience", "at least 1", static_cast<double>(s.decay_patience));
  expect(s.clip_value >= 0, "clip-value", "at least 0", s.clip_value);
  expect(s.clip_norm >= 0, "clip-norm", "at least 0", s.clip_norm);
  expect(s.average_weights >= 0 && s.average_weights < 1, "average-weights", "at least 0 and below 1",
         s.average_weights);
  if (s.method == "asgd" && s.average_weights > 0) {
    throw UsageError("--optimizer asgd averages by itself; use --optimizer sgd with --average-weights");
  }
  if (recovery.clip_search && s.clip_value == 0 && s.clip_norm == 0) {
    throw UsageError("--clip-search needs a threshold to begin with: --clip-norm or --clip-value above 0");
  }
}

void complete(OptimizerSettings& settings, RecoverySettings& recovery) {
  if (settings.learning_rate == kAutomatic) settings.learning_rate = find(kMethods, "optimizer", settings.method).rate;
  if (recovery.retries == kAutomatic) recovery.retries = recovery.clip_search ? kSearches : kRetries;
}

Optimization::Optimization(const OptimizerSettings& settings, const RecoverySettings& recovery,
                           const ParameterList& parameters, Index steps, Index steps_per_epoch)
    : parameters_(parameters),
      optimizer_(make_optimizer(settings, parameters)),
      average_(make_average(settings, parameters)),
      schedule_(make_schedule(settings, steps_per_epoch)),
      clipping_{.value = settings.clip_value, .norm = settings.clip_norm},
      settings_(settings),
      clip_search_(recovery.clip_search),
      steps_(steps) {}

StepReport Optimization::step(Index step, double nats, Index tokens, double share) {
  const ClippedGradient gradient = clip_gradient(parameters_, clipping_);
  const double rate = share * learning_rate(schedule_, static_cast<std::uint64_t>(step),
                                            static_cast<std::uint64_t>(steps_), validations_);
  if (std::isfinite(nats) && std::isfinite(gradient.norm)) {
    optimizer_->step(rate, gradient.factor);
    if (average_) average_->add();
  }
  return {.nats = nats, .tokens = tokens, .learning_rate = rate, .gradient_norm = gradient.norm};
}

void Optimization::heed(const TrainingCounters& counters) {
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

void Optimization::store(TensorFile& file) const {
  const OptimizerState memory = optimizer_->save();
  const OptimizerState average = average_ ? average_->save() : OptimizerState{};
  store_all("optimizer.", memory.tensors, file);
  store_all("average.", average.tensors, file);
  const std::uint64_t steps[] = {memory.steps, average.steps};
  file.tensors["optimizer_steps"] = StoredTensor::of(std::span<const std::uint64_t>(steps));
}

void Optimization::take(TensorFile& file) {
  const std::vector<std::uint64_t> steps = file.take_integers("optimizer_steps", 2);
  optimizer_->load({.steps = steps[0], .tensors = take_all("optimizer.", file)});
  const OptimizerState average{.steps = steps[1], .tensors = take_all("average.", file)};
  if (average_) average_->load(average);
}

}  // namespace unfold
