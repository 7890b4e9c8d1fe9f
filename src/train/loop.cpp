#include "train/loop.h"

#include <chrono>
#include <cmath>

#include "train/log.h"

namespace unfold {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

/// One sitting of a run.
class Sitting {
 public:
  Sitting(Trainee& trainee, const RunDirectory& run, const LoopSchedule& schedule, const LoopHooks& hooks)
      : trainee_(trainee),
        run_(run),
        schedule_(schedule),
        hooks_(hooks),
        counters_(start()),
        log_(run.log(), counters_.step) {}

  TrainingResult train() {
    while (counters_.step < schedule_.steps) {
      if (hooks_.stop()) return finish(Outcome::kInterrupted);
      if (!train_one_step()) return {Outcome::kDiverged, counters_};
      const bool validates = due(schedule_.validate_every);
      if (validates) validate();
      if (due(schedule_.log_every) || validates) log(validates);
      if (validates || seconds_since(saved_at_) > schedule_.save_seconds) save();
      hooks_.report(progress());
    }
    return finish(Outcome::kFinished);
  }

 private:
  TrainingCounters start() {
    return run_.resumes() && std::filesystem::exists(run_.last()) ? trainee_.restore(run_.last()) : TrainingCounters{};
  }

  /// True after every `interval` steps and after the last one.
  bool due(Index interval) const { return counters_.step % interval == 0 || counters_.step == schedule_.steps; }

  /// False where the numbers ceased to be finite.
  bool train_one_step() {
    report_ = trainee_.train(counters_.step);
    if (!std::isfinite(report_.nats) || !std::isfinite(report_.gradient_norm)) return false;
    ++counters_.step;
    counters_.tokens += report_.tokens;
    counters_.since_log.add(report_);
    counters_.since_validation.add(report_);
    return true;
  }

  void validate() {
    measured_ = trainee_.validate();
    counters_.train_nats = counters_.since_validation.nats();
    counters_.since_validation = {};
    if (measured_ < counters_.valid_nats) {
      counters_.valid_nats = measured_;
      counters_.valid_step = counters_.step;
      trainee_.save_model(run_.model());
    }
  }

  void log(bool validated) {
    train_nats_ = counters_.since_log.nats();
    log_.write({.step = counters_.step,
                .epoch = trainee_.epochs(counters_.step),
                .seconds = seconds(),
                .train_nats = train_nats_,
                .learning_rate = report_.learning_rate,
                .gradient_norm = report_.gradient_norm,
                .tokens_per_second = tokens_per_second(),
                .valid_nats = validated ? std::optional(measured_) : std::nullopt});
    counters_.since_log = {};
  }

  void save() {
    TrainingCounters now = counters_;
    now.seconds = seconds();
    trainee_.save(run_.last(), now);
    saved_at_ = Clock::now();
    saved_step_ = counters_.step;
  }

  TrainingResult finish(Outcome outcome) {
    if (saved_step_ != counters_.step) save();
    if (!std::filesystem::exists(run_.model())) trainee_.save_model(run_.model());  // stopped before a validation
    counters_.seconds = seconds();
    return {outcome, counters_};
  }

  double seconds() const { return counters_.seconds + seconds_since(began_); }

  /// Over this sitting.
  double tokens_per_second() const {
    return static_cast<double>(counters_.tokens - tokens_before_) / seconds_since(began_);
  }

  Progress progress() const {
    const double per_step = seconds_since(began_) / static_cast<double>(counters_.step - step_before_);
    return {.step = counters_.step,
            .steps = schedule_.steps,
            .train_nats = counters_.since_log.tokens > 0 ? counters_.since_log.nats() : train_nats_,
            .valid_nats = measured_,
            .tokens_per_second = tokens_per_second(),
            .seconds_left = per_step * static_cast<double>(schedule_.steps - counters_.step)};
  }

  Trainee& trainee_;
  const RunDirectory& run_;
  const LoopSchedule schedule_;
  const LoopHooks& hooks_;
  TrainingCounters counters_;
  TrainingLog log_;
  StepReport report_;
  double measured_ = std::numeric_limits<double>::infinity();
  double train_nats_ = 0;
  const Index step_before_ = counters_.step;
  const Index tokens_before_ = counters_.tokens;
  const Clock::time_point began_ = Clock::now();
  Clock::time_point saved_at_ = began_;
  Index saved_step_ = step_before_;
};

}  // namespace

TrainingResult run_training(Trainee& trainee, const RunDirectory& run, const LoopSchedule& schedule,
                            const LoopHooks& hooks) {
  return Sitting(trainee, run, schedule, hooks).train();
}

}  // namespace unfold
