#include "train_sequence.h"

#include <fmt/core.h>

#include <memory>
#include <nlohmann/json.hpp>

#include "add_settings.h"
#include "network_run.h"
#include "sequence_files.h"
#include "tasks/sequence/sequence.h"

namespace unfold::cli {
namespace {

struct Options {
  SequenceSettings settings;
  RunOptions run;
};

void print_result(const SequenceRun& run, const RunDirectory& directory, bool json) {
  const TrainingCounters& counters = run.result.counters;
  if (json) {
    const nlohmann::ordered_json object = {{"sequences", run.sequences},
                                           {"steps", counters.step},
                                           {"epochs", run.epochs},
                                           {"parameters", run.parameters},
                                           {"tokens", counters.tokens},
                                           {"seconds", counters.seconds},
                                           {"tokens_per_second", counters.tokens_per_second()},
                                           {"target", target_name(run.valid.target)},
                                           {"train_loss", counters.train_nats},
                                           {"valid", to_json(run.valid)},
                                           {"valid_step", counters.valid_step},
                                           {"model", directory.model().string()}};
    fmt::print("{}\n", object.dump());
    return;
  }
  fmt::print("{} sequences, {} parameters, {} training steps, {:.1f} epochs, {:.0f} s, {:.0f} steps of sequences/s\n",
             run.sequences, run.parameters, counters.step, run.epochs, counters.seconds, counters.tokens_per_second());
  fmt::print("validation, best after step {}: {}\n", counters.valid_step, summary(run.valid));
  fmt::print("model {}\n", directory.model().string());
}

}  // namespace

void prepare_train_sequence(Command& command) {
  auto options = std::make_shared<Options>();
  const Settings settings = options->settings.list();
  declare_run(command, options->run, settings);
  command.example(
      "  unfold train sequence --data chorales.json --transpose 5 --output-dropout 0.5 --out run\n"
      "  unfold train sequence --data motions.csv --out run\n"
      "  unfold train sequence --data engines.csv --targets wear heat --bidirectional --out run\n"
      "  unfold generate run --length 64 --seed 3");
  command.action([options, settings, command] {
    return run_task(options->run, options->settings, given_names(command, settings), "steps", train_sequence,
                    print_result);
  });
}

}  // namespace unfold::cli
