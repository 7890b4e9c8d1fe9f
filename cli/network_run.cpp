#include "network_run.h"

#include <fmt/core.h>

#include "add_settings.h"
#include "base/threads.h"
#include "signals.h"
#include "verb.h"

namespace unfold::cli {
namespace {

/// "half", "1/4": what a number is multiplied by after so many halvings.
std::string halved_text(Index times) { return times == 1 ? "half" : fmt::format("1/{}", Index{1} << times); }

std::string return_text(const Return& back, const RecoverySettings& recovery) {
  return fmt::format("Training diverged at step {}: {}. Back to step {}, with {} the {} ({} of {}).", back.from,
                     back.reason, back.to, halved_text(back.times),
                     recovery.clip_search ? "clipping threshold" : "learning rate", back.times, back.most);
}

void print_divergence(const TrainingResult& result, const EndedRun& run) {
  fmt::print(stderr, "unfold: training diverged at step {}: {}.\n", result.counters.step, result.reason);
  if (result.counters.rollbacks > 0) {
    fmt::print(stderr, "Going back {} times, each time with half the {}, did not help.\n", result.counters.rollbacks,
               run.recovery.clip_search ? "clipping threshold" : "learning rate");
  }
  fmt::print(stderr,
             "{}Try a lower --lr, a smaller --clip-norm, --clip-search or some --warmup; this repeats the run so:\n"
             "  unfold train {} --config {} --out OTHER --lr X\n",
             std::filesystem::exists(run.directory.model()) ? "The best model so far is kept. " : "", run.task,
             run.directory.config().string());
}

}  // namespace

void declare_run(Command& command, RunOptions& run, const Settings& settings) {
  constexpr const char* kRun = "Run";
  command.group(kRun);
  command.option("out", run.out, "Folder for the run: model, checkpoint, configuration, log");
  add_settings(command, settings);
  command.exclude("steps", "epochs");
  command.exclude("steps", "minutes");
  command.exclude("epochs", "minutes");

  command.group(kRun);
  command.option("config", run.config, "config.toml of a run to repeat; options given here win");
  command.flag("resume", run.resume, "Continue the run in --out, or start it if there is none");
  command.flag("overwrite", run.overwrite, "Discard the run in --out");
  command.exclude("overwrite", "resume");
  command.flag("json", run.json, "Print one JSON object at the end");
  command.flag("quiet", run.quiet, "No progress on standard error");
}

LoopHooks watch(ProgressDisplay& display, const ExecutionSettings& execution, const RecoverySettings& recovery) {
  catch_stop_signals();
  if (execution.threads > 0) set_thread_count(static_cast<int>(execution.threads));
  LoopHooks hooks;
  hooks.report = [&display](const Progress& progress) { display.show(progress); };
  hooks.stop = stop_requested;
  hooks.remark = [&display](const std::string& remark) { display.print(remark); };
  hooks.went_back = [&](const Return& back) { display.print(return_text(back, recovery)); };
  return hooks;
}

int finish(const TrainingResult& result, const EndedRun& run, const std::function<void()>& print_result) {
  switch (result.outcome) {
    case Outcome::kStoppedEarly:
      fmt::print(stderr, "Stopped early: {} validations did not improve on that after step {}.\n", run.length.patience,
                 result.counters.valid_step);
      [[fallthrough]];
    case Outcome::kFinished: print_result(); return kDone;
    case Outcome::kInterrupted:
      fmt::print(stderr,
                 "Stopped after step {}; everything is saved. Continue with: unfold train {} --out {} --resume\n",
                 result.counters.step, run.task, run.options.out);
      return kInterrupted;
    case Outcome::kDiverged: print_divergence(result, run); return kDiverged;
  }
  return kDone;
}

}  // namespace unfold::cli
