#include "train_tagger.h"

#include <fmt/core.h>

#include <memory>
#include <nlohmann/json.hpp>

#include "add_settings.h"
#include "network_run.h"
#include "tasks/tagging/tagging.h"

namespace unfold::cli {
namespace {

struct Options {
  TaggerSettings settings;
  RunOptions run;
};

void print_result(const TaggerRun& run, const RunDirectory& directory, bool json) {
  const TrainingCounters& counters = run.result.counters;
  const Validation best = counters.best.value_or(Validation{});
  if (json) {
    const nlohmann::ordered_json object = {{"sequences", run.sequences},
                                           {"labels", run.labels},
                                           {"steps", counters.step},
                                           {"epochs", run.epochs},
                                           {"parameters", run.parameters},
                                           {"tokens", counters.tokens},
                                           {"seconds", counters.seconds},
                                           {"tokens_per_second", counters.tokens_per_second()},
                                           {"train_nats", counters.train_nats},
                                           {"valid_nats", best.nats},
                                           {"valid_accuracy", best.accuracy.value_or(0)},
                                           {"valid_step", counters.valid_step},
                                           {"model", directory.model().string()}};
    fmt::print("{}\n", object.dump());
    return;
  }
  fmt::print("{} sequences, {} labels, {} parameters, {} steps, {:.2f} epochs, {:.0f} s, {:.0f} tokens/s\n",
             run.sequences, run.labels, run.parameters, counters.step, run.epochs, counters.seconds,
             counters.tokens_per_second());
  fmt::print("training {:.4f} nats; validation after step {}: accuracy {:.2f} %, {:.4f} nats\n", counters.train_nats,
             counters.valid_step, 100 * best.accuracy.value_or(0), best.nats);
  fmt::print("model {}\n", directory.model().string());
}

}  // namespace

void prepare_train_tagger(Command& command) {
  auto options = std::make_shared<Options>();
  const Settings settings = options->settings.list();
  declare_run(command, options->run, settings);
  command.example(
      "  unfold train tag --data train.conllu --valid dev.conllu --out tagger --minutes 30\n"
      "  unfold train tag --data train.conllu --label xpos --crf --out tagger\n"
      "  unfold predict tagger --data words.conllu");
  command.action([options, settings, command] {
    return run_task(options->run, options->settings, given_names(command, settings), "tokens", train_tagger,
                    print_result);
  });
}

}  // namespace unfold::cli
