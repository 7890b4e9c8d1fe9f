#include "train/loop.h"

#include <cmath>

#include "tensor/storage.h"
#include "train/early_stopping.h"
#include "train/log.h"
#include "train/pace.h"

namespace unfold {
namespace {

using Reason = std::optional<std::string>;

/// One sitting of a run.
class Sitting {
 public:
  Sitting(Trainee& trainee, const RunDirectory& run, const LoopSchedule& schedule, const LoopHooks& hooks)
      : trainee_(trainee),
        run_(run),
        schedule_(schedule),
        hooks_(hooks),
        counters_(start()),
        log_(run, counters_.step, counters_.seconds),
        pace_(counters_.seconds) {}

  TrainingResult train() {
    while (counters_.step < schedule_.steps) {
      if (out_of_patience(counters_.validations, schedule_.patience)) return finish(Outcome::kStoppedEarly);
      if (hooks_.stop()) return finish(Outcome::kInterrupted);
      Reason diverged = train_one_step();
      const bool validates = !diverged && due(schedule_.validate_every);
      if (validates) diverged = validate();
      if (diverged) {
        if (counters_.rollbacks == schedule_.retries) return give_up(*diverged);
        go_back(*diverged);
        continue;
      }
      if (due(schedule_.log_every) || validates) log(validates);
      if (validates && calm(counters_.trend)) keep();
      if (validates || saving_is_due()) save();
      hooks_.report(progress());
    }
    return finish(Outcome::kFinished);
  }

 private:
  TrainingCounters start() {
    TrainingCounters counters{.trend = LossTrend::start(trainee_.uninformed_nats())};
    if (run_.resumes() && std::filesystem::exists(run_.last())) {
      counters = trainee_.restore(run_.last());
    } else {
      trainee_.save(run_.rollback(), counters);  // a run may diverge before its first validation
    }
    trainee_.heed(counters);
    return counters;
  }

  /// True after every `interval` steps and after the last one.
  bool due(Index interval) const { return counters_.step % interval == 0 || counters_.step == schedule_.steps; }

  Reason train_one_step() {
    report_ = trainee_.train(counters_.step);
    ++counters_.step;
    counters_.tokens += report_.tokens;
    counters_.since_log.add(report_);
    counters_.since_validation.add(report_);
    counters_.trend.add(report_.nats);
    pace_.add(report_);
    return divergence(report_, counters_.trend, trainee_.uninformed_nats());
  }

  Reason validate() {
    between_steps([&] { measured_ = trainee_.validate(); });
    if (!std::isfinite(measured_->nats)) return "the validation loss is not a finite number";
    counters_.train_nats = counters_.since_validation.nats();
    counters_.since_validation = {};
    counters_.validations.push_back(measured_->criterion());
    if (!counters_.best || measured_->better_than(*counters_.best)) {
      counters_.best = measured_;
      counters_.valid_step = counters_.step;
      between_steps([&] { trainee_.save_model(run_.model()); });
    }
    trainee_.heed(counters_);
    return std::nullopt;
  }

  void log(bool validated) {
    train_nats_ = counters_.since_log.nats();
    log_.write({.step = counters_.step,
                .epoch = trainee_.epochs(counters_.step),
                .seconds = pace_.seconds(),
                .train_nats = train_nats_,
                .learning_rate = report_.learning_rate,
                .gradient_norm = report_.gradient_norm,
                .tokens_per_second = pace_.tokens_per_second(),
                .valid = validated ? measured_ : std::nullopt});
    counters_.since_log = {};
  }

  TrainingCounters now() const {
    TrainingCounters counters = counters_;
    counters.seconds = pace_.seconds();
    return counters;
  }

  /// The state to which a divergence returns. Kept at validations alone: it may not depend on time.
  void keep() { write_checkpoint(run_.rollback()); }

  void write_checkpoint(const std::filesystem::path& path) {
    between_steps([&] { trainee_.save(path, now()); });
  }

  /// Other work has tensors of other sizes, and what is written is copied first: what steps leave to each other makes
  /// room for that, and that for the next step.
  template <class Work>
  void between_steps(const Work& work) {
    release_kept_storage();
    work();
    release_kept_storage();
  }

  void save() {
    write_checkpoint(run_.last());
    saved_at_ = Clock::now();
    saved_step_ = counters_.step;
  }
  bool saving_is_due() const {
    return Clock::now() - saved_at_ > std::chrono::duration<double>(schedule_.save_seconds);
  }

  void go_back(const std::string& reason) {
    Return back{.from = counters_.step, .reason = reason, .times = counters_.rollbacks + 1, .most = schedule_.retries};
    const TrainingCounters before = counters_;
    counters_ = trainee_.restore(run_.rollback());
    counters_.rollbacks = back.times;
    // The saved model stays the best one.
    if (before.best && (!counters_.best || before.best->better_than(*counters_.best))) {
      counters_.best = before.best;
      counters_.valid_step = before.valid_step;
    }
    back.to = counters_.step;
    trainee_.heed(counters_);
    save();  // before the log: a run killed in between would otherwise go back to where it already was
    log_.go_back(back);
    hooks_.went_back(back);
  }

  TrainingResult give_up(const std::string& reason) const { return {Outcome::kDiverged, now(), reason}; }

  TrainingResult finish(Outcome outcome) {
    if (saved_step_ != counters_.step) save();
    if (!std::filesystem::exists(run_.model())) trainee_.save_model(run_.model());  // stopped before a validation
    if (outcome != Outcome::kInterrupted) std::filesystem::remove(run_.rollback());
    return {outcome, now()};
  }

  Progress progress() const {
    return {.step = counters_.step,
            .steps = schedule_.steps,
            .train_nats = counters_.since_log.tokens > 0 ? counters_.since_log.nats() : train_nats_,
            .in_nats = trainee_.in_nats(),
            .valid = measured_,
            .tokens_per_second = pace_.tokens_per_second(),
            .seconds_left = pace_.seconds_for(schedule_.steps - counters_.step)};
  }

  using Clock = std::chrono::steady_clock;

  Trainee& trainee_;
  const RunDirectory& run_;
  const LoopSchedule schedule_;
  const LoopHooks& hooks_;
  TrainingCounters counters_;
  TrainingLog log_;
  Pace pace_;
  StepReport report_;
  std::optional<Validation> measured_;  // the last
  double train_nats_ = 0;
  Clock::time_point saved_at_ = Clock::now();
  Index saved_step_ = counters_.step;
};

}  // namespace

TrainingResult run_training(Trainee& trainee, const RunDirectory& run, const LoopSchedule& schedule,
                            const LoopHooks& hooks) {
  return Sitting(trainee, run, schedule, hooks).train();
}

}  // namespace unfold
