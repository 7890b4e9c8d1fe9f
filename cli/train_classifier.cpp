#include "train_classifier.h"

#include <fmt/core.h>

#include <memory>
#include <nlohmann/json.hpp>

#include "add_settings.h"
#include "labelling_report.h"
#include "network_run.h"
#include "tasks/classifier/classifier.h"

namespace unfold::cli {
namespace {

struct Options {
  ClassifierSettings settings;
  RunOptions run;
};

void print_result(const ClassifierRun& run, const RunDirectory& directory, bool json) {
  const TrainingCounters& counters = run.result.counters;
  if (json) {
    const nlohmann::ordered_json object = {{"steps", counters.step},
                                           {"epochs", run.epochs},
                                           {"parameters", run.parameters},
                                           {"sequences", run.sequences},
                                           {"seconds", counters.seconds},
                                           {"sequences_per_second", counters.tokens_per_second()},
                                           {"train_nats", counters.train_nats},
                                           {"valid_sequences", run.valid.confusion.total()},
                                           {"valid_accuracy", run.valid.confusion.accuracy()},
                                           {"valid_macro_f1", run.valid.confusion.macro_f1()},
                                           {"valid_nats", run.valid.log_loss()},
                                           {"valid_step", counters.valid_step},
                                           {"model", directory.model().string()}};
    fmt::print("{}\n", object.dump());
    return;
  }
  fmt::print("{} sequences, {} parameters, {} steps, {:.1f} epochs, {:.0f} s, {:.0f} sequences/s\n", run.sequences,
             run.parameters, counters.step, run.epochs, counters.seconds, counters.tokens_per_second());
  fmt::print("validation, best after step {}: {}\n", counters.valid_step, summary(run.valid));
  fmt::print("model {}\n", directory.model().string());
}

}  // namespace

void prepare_train_classifier(Command& command) {
  auto options = std::make_shared<Options>();
  const Settings settings = options->settings.list();
  declare_run(command, options->run, settings);
  command.example(
      "  unfold train classify --data reviews.csv --out run\n"
      "  unfold train classify --data names_by_language/ --deduplicate --bidirectional --out run\n"
      "  unfold train classify --data train-images-idx3-ubyte.gz --pooling last --minutes 10 --out run");
  command.action([options, settings, command] {
    return run_task(options->run, options->settings, given_names(command, settings), "sequences", train_classifier,
                    print_result);
  });
}

}  // namespace unfold::cli
