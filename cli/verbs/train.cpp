// unfold train lm: learns a language model from a text.
#include <fmt/core.h>

#include <cmath>
#include <nlohmann/json.hpp>
#include <numbers>

#include "add_settings.h"
#include "base/threads.h"
#include "progress.h"
#include "signals.h"
#include "tasks/language_model/language_model.h"
#include "train_hidden_markov.h"
#include "train_naive_bayes.h"
#include "train_ngram.h"
#include "unfold/error.h"
#include "verb.h"

namespace unfold::cli {
namespace {

struct Options {
  LanguageModelSettings settings;
  std::string out;
  std::string config;
  bool resume = false;
  bool overwrite = false;
  Index sample = 0;
  bool json = false;
  bool quiet = false;
};

void print_result(const LanguageModelRun& run, const RunDirectory& directory, bool json) {
  const TrainingCounters& counters = run.result.counters;
  const double bits = counters.valid_nats / std::numbers::ln2;
  const double rate = counters.seconds > 0 ? static_cast<double>(counters.tokens) / counters.seconds : 0;
  if (json) {
    const nlohmann::ordered_json object = {{"steps", counters.step},
                                           {"epochs", run.epochs},
                                           {"parameters", run.parameters},
                                           {"tokens", counters.tokens},
                                           {"seconds", counters.seconds},
                                           {"tokens_per_second", rate},
                                           {"train_nats", counters.train_nats},
                                           {"valid_nats", counters.valid_nats},
                                           {"valid_bits_per_token", bits},
                                           {"model", directory.model().string()}};
    fmt::print("{}\n", object.dump());
    return;
  }
  fmt::print("{} parameters, {} steps, {:.2f} epochs, {:.0f} s, {:.0f} tokens/s\n", run.parameters, counters.step,
             run.epochs, counters.seconds, rate);
  fmt::print("training {:.4f} nats, validation {:.4f} nats = {:.4f} bits per token, perplexity {:.2f}\n",
             counters.train_nats, counters.valid_nats, bits, std::exp(counters.valid_nats));
  fmt::print("model {}\n", directory.model().string());
}

/// "half", "1/4": what a number is multiplied by after so many halvings.
std::string halved_text(Index times) { return times == 1 ? "half" : fmt::format("1/{}", Index{1} << times); }

std::string return_text(const Return& back, const RecoverySettings& recovery) {
  return fmt::format("Training diverged at step {}: {}. Back to step {}, with {} the {} ({} of {}).", back.from,
                     back.reason, back.to, halved_text(back.times),
                     recovery.clip_search ? "clipping threshold" : "learning rate", back.times, back.most);
}

void print_divergence(const TrainingResult& result, const RunDirectory& directory, const Options& options) {
  fmt::print(stderr, "unfold: training diverged at step {}: {}.\n", result.counters.step, result.reason);
  if (result.counters.rollbacks > 0) {
    fmt::print(stderr, "Going back {} times, each time with half the {}, did not help.\n", result.counters.rollbacks,
               options.settings.recovery.clip_search ? "clipping threshold" : "learning rate");
  }
  fmt::print(stderr,
             "{}Try a lower --lr, a smaller --clip-norm, --clip-search or some --warmup; this repeats the run so:\n"
             "  unfold train lm --config {} --out OTHER --lr X\n",
             std::filesystem::exists(directory.model()) ? "The best model so far is kept. " : "",
             directory.config().string());
}

int finish(const LanguageModelRun& run, const RunDirectory& directory, const Options& options) {
  const TrainingCounters& counters = run.result.counters;
  switch (run.result.outcome) {
    case Outcome::kStoppedEarly:
      fmt::print(stderr, "Stopped early: {} validations did not improve on that after step {}.\n",
                 options.settings.length.patience, counters.valid_step);
      [[fallthrough]];
    case Outcome::kFinished: print_result(run, directory, options.json); return kDone;
    case Outcome::kInterrupted:
      fmt::print(stderr,
                 "Stopped after step {}; everything is saved. Continue with: unfold train lm --out {} --resume\n",
                 counters.step, options.out);
      return kInterrupted;
    case Outcome::kDiverged: print_divergence(run.result, directory, options); return kDiverged;
  }
  return kDone;
}

int train(Options& options, const std::set<std::string>& given) {
  if (options.out.empty()) throw UsageError("--out is missing: the folder for the run");
  if (!options.config.empty()) repeat_settings(options.settings, options.config, given);
  const RunDirectory directory(options.out, options.resume      ? ExistingRun::kResume
                                            : options.overwrite ? ExistingRun::kOverwrite
                                                                : ExistingRun::kRefuse);
  if (directory.resumes()) continue_settings(options.settings, directory, given);
  if (options.settings.text.data.empty()) throw UsageError("--data is missing: the text to learn from");
  catch_stop_signals();
  if (options.settings.threads > 0) set_thread_count(static_cast<int>(options.settings.threads));

  LanguageModelHooks hooks;
  LanguageModelRun run;
  {
    ProgressDisplay display(options.quiet);
    hooks.report = [&display](const Progress& progress) { display.show(progress); };
    hooks.stop = stop_requested;
    hooks.remark = [&display](const std::string& remark) { display.print(remark); };
    hooks.went_back = [&](const Return& back) { display.print(return_text(back, options.settings.recovery)); };
    hooks.sample_length = options.sample;
    hooks.sample = [&display](Index step, const std::string& text) {
      display.print(fmt::format("\nafter {} steps it writes:\n{}\n", step, text));
    };
    run = train_language_model(options.settings, directory, hooks);
  }
  return finish(run, directory, options);
}

void prepare_language_model(Command& command) {
  auto options = std::make_shared<Options>();
  constexpr const char* kRun = "Run";
  command.group(kRun);
  command.option("out", options->out, "Folder for the run: model, checkpoint, configuration, log");
  const Settings settings = options->settings.list();
  add_settings(command, settings);
  command.exclude("steps", "epochs");
  command.exclude("steps", "minutes");
  command.exclude("epochs", "minutes");

  command.group(kRun);
  command.option("config", options->config, "config.toml of a run to repeat; options given here win");
  command.flag("resume", options->resume, "Continue the run in --out, or start it if there is none");
  command.flag("overwrite", options->overwrite, "Discard the run in --out");
  command.exclude("overwrite", "resume");
  command.option("sample", options->sample, "Show what the model writes, this many tokens, at growing intervals",
                 Least::kZero);
  command.flag("json", options->json, "Print one JSON object at the end");
  command.flag("quiet", options->quiet, "No progress on standard error");
  command.example(
      "  unfold train lm --data book.txt --out run --minutes 10\n"
      "  unfold train lm --data book.txt --out run2 --cell my.cell --hidden 512 --layers 3");
  command.action([options, settings, command] { return train(*options, given_names(command, settings)); });
}

void prepare(Command& command) {
  Command task = command.below("lm", "A language model: predicts the next byte, character or word of a text");
  prepare_language_model(task);
  Command counting =
      command.below("ngram", "An n-gram model: counts what follows what; what networks are compared with");
  prepare_train_ngram(counting);
  Command tagging = command.below("hmm", "A hidden Markov model of words and tags, or of words alone: counts");
  prepare_train_hidden_markov(tagging);
  Command classifying = command.below("naive-bayes", "Naive Bayes: counts which words the texts of each label have");
  prepare_train_naive_bayes(classifying);
  command.example("  unfold train lm --data book.txt --out run");
}

}  // namespace

Verb verb_train() { return {"train", "Train a model", prepare}; }

}  // namespace unfold::cli
