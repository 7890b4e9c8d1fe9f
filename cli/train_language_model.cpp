#include "train_language_model.h"

#include <fmt/core.h>

#include <cmath>
#include <memory>
#include <nlohmann/json.hpp>
#include <numbers>

#include "add_settings.h"
#include "network_run.h"
#include "tasks/language_model/language_model.h"

namespace unfold::cli {
namespace {

struct Options {
  LanguageModelSettings settings;
  RunOptions run;
  Index sample = 0;
};

void print_result(const LanguageModelRun& run, const RunDirectory& directory, bool json) {
  const TrainingCounters& counters = run.result.counters;
  const double bits = counters.valid_nats() / std::numbers::ln2;
  if (json) {
    const nlohmann::ordered_json object = {{"steps", counters.step},
                                           {"epochs", run.epochs},
                                           {"parameters", run.parameters},
                                           {"tokens", counters.tokens},
                                           {"seconds", counters.seconds},
                                           {"tokens_per_second", counters.tokens_per_second()},
                                           {"train_nats", counters.train_nats},
                                           {"valid_nats", counters.valid_nats()},
                                           {"valid_bits_per_token", bits},
                                           {"model", directory.model().string()}};
    fmt::print("{}\n", object.dump());
    return;
  }
  fmt::print("{} parameters, {} steps, {:.2f} epochs, {:.0f} s, {:.0f} tokens/s\n", run.parameters, counters.step,
             run.epochs, counters.seconds, counters.tokens_per_second());
  fmt::print("training {:.4f} nats, validation {:.4f} nats = {:.4f} bits per token, perplexity {:.2f}\n",
             counters.train_nats, counters.valid_nats(), bits, std::exp(counters.valid_nats()));
  fmt::print("model {}\n", directory.model().string());
}

int train(Options& options, const std::set<std::string>& given) {
  LanguageModelSettings& settings = options.settings;
  const RunDirectory directory = open_run(options.run, settings, given);
  if (settings.text.data.empty()) throw UsageError("--data is missing: the text to learn from");
  LanguageModelRun run;
  {
    ProgressDisplay display(options.run.quiet);
    LanguageModelHooks hooks;
    static_cast<LoopHooks&>(hooks) = watch(display, settings.execution, settings.recovery);
    hooks.sample_length = options.sample;
    hooks.sample = [&display](Index step, const std::string& text) {
      display.print(fmt::format("\nafter {} steps it writes:\n{}\n", step, text));
    };
    run = train_language_model(settings, directory, hooks);
  }
  return finish(run.result, ended(settings, directory, options.run),
                [&] { print_result(run, directory, options.run.json); });
}

}  // namespace

void prepare_train_language_model(Command& command) {
  auto options = std::make_shared<Options>();
  const Settings settings = options->settings.list();
  declare_run(command, options->run, settings);
  command.option("sample", options->sample, "Show what the model writes, this many tokens, at growing intervals",
                 Least::kZero);
  command.example(
      "  unfold train lm --data book.txt --out run --minutes 10\n"
      "  unfold train lm --data book.txt --out run2 --cell my.cell --hidden 512 --layers 3");
  command.action([options, settings, command] { return train(*options, given_names(command, settings)); });
}

}  // namespace unfold::cli
