// unfold train lm: learns a language model from a text.
#include <fmt/core.h>

#include <cmath>
#include <nlohmann/json.hpp>
#include <numbers>

#include "base/threads.h"
#include "progress.h"
#include "signals.h"
#include "tasks/language_model.h"
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

/// One option per setting; returns them to be asked later which were given.
std::vector<CLI::Option*> add_settings(CLI::App& command, const Settings& settings) {
  std::vector<CLI::Option*> options;
  for (const Setting& setting : settings) {
    std::visit(
        [&](auto* value) {
          CLI::Option* option = command.add_option("--" + setting.name, *value, setting.help);
          using Value = std::remove_pointer_t<decltype(value)>;
          if constexpr (std::is_arithmetic_v<Value>) {
            if (*value != static_cast<Value>(kAutomatic)) option->capture_default_str();
            option->check(CLI::NonNegativeNumber);
          } else {
            if (!value->empty()) option->capture_default_str();
          }
          options.push_back(option);
        },
        setting.value);
  }
  return options;
}

std::set<std::string> given_names(const Settings& settings, const std::vector<CLI::Option*>& options) {
  std::set<std::string> given;
  for (std::size_t i = 0; i < settings.size(); ++i) {
    if (options[i]->count() > 0) given.insert(settings[i].name);
  }
  return given;
}

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

int finish(const LanguageModelRun& run, const RunDirectory& directory, const Options& options) {
  const TrainingCounters& counters = run.result.counters;
  switch (run.result.outcome) {
    case Outcome::kFinished: print_result(run, directory, options.json); return kDone;
    case Outcome::kInterrupted:
      fmt::print(stderr,
                 "Stopped after step {}; everything is saved. Continue with: unfold train lm --out {} --resume\n",
                 counters.step, options.out);
      return kInterrupted;
    case Outcome::kDiverged:
      fmt::print(
          stderr,
          "unfold: training diverged at step {}: the loss or its gradient is not a finite number. The best model and "
          "the last checkpoint are kept. Try a lower --lr, a smaller --clip-norm or some --warmup.\n",
          counters.step + 1);
      return kDiverged;
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
  if (options.settings.data.empty()) throw UsageError("--data is missing: the text to learn from");
  if (options.settings.threads > 0) set_thread_count(static_cast<int>(options.settings.threads));

  catch_stop_signals();
  LanguageModelHooks hooks;
  LanguageModelRun run;
  {
    ProgressDisplay display(options.quiet);
    hooks.report = [&display](const Progress& progress) { display.show(progress); };
    hooks.stop = stop_requested;
    hooks.sample_length = options.sample;
    hooks.sample = [&display](Index step, const std::string& text) {
      display.print(fmt::format("\nafter {} steps it writes:\n{}\n", step, text));
    };
    run = train_language_model(options.settings, directory, hooks);
  }
  return finish(run, directory, options);
}

Action prepare_language_model(CLI::App& command) {
  auto options = std::make_shared<Options>();
  command.add_option("--out", options->out, "Folder for the run: model, checkpoint, configuration, log");
  const Settings settings = options->settings.list();
  const std::vector<CLI::Option*> added = add_settings(command, settings);
  for (const char* length : {"--epochs", "--minutes"}) command.get_option(length)->excludes("--steps");
  command.get_option("--epochs")->excludes("--minutes");

  command.add_option("--config", options->config, "config.toml of a run to repeat; options given here win");
  CLI::Option* resume =
      command.add_flag("--resume", options->resume, "Continue the run in --out, or start it if there is none");
  command.add_flag("--overwrite", options->overwrite, "Discard the run in --out")->excludes(resume);
  command.add_option("--sample", options->sample, "Show what the model writes, this many tokens, at growing intervals")
      ->check(CLI::NonNegativeNumber);
  command.add_flag("--json", options->json, "Print one JSON object at the end");
  command.add_flag("--quiet", options->quiet, "No progress on standard error");
  return [options, settings, added] { return train(*options, given_names(settings, added)); };
}

Action prepare(CLI::App& command) {
  CLI::App* task =
      command.add_subcommand("lm", "A language model: predicts the next byte, character or word of a text");
  task->footer(
      "Example:\n"
      "  unfold train lm --data book.txt --out run --minutes 10\n"
      "  unfold train lm --data book.txt --out run2 --cell my.cell --hidden 512 --layers 3");
  command.require_subcommand(1);
  return prepare_language_model(*task);
}

}  // namespace

Verb verb_train() { return {"train", "Train a model", "  unfold train lm --data book.txt --out run", prepare}; }

}  // namespace unfold::cli
