#include "train_naive_bayes.h"

#include <fmt/core.h>

#include <memory>
#include <nlohmann/json.hpp>

#include "counting_run.h"
#include "labelling_report.h"
#include "tasks/naive_bayes/naive_bayes.h"
#include "verb.h"

namespace unfold::cli {
namespace {

struct Options {
  NaiveBayesSettings settings;
  CountingOptions run;
};

void print_text(const NaiveBayesRun& run, const RunDirectory& directory) {
  fmt::print("{} texts, {} features\n", run.sequences, run.features);
  fmt::print("validation: {}\n", summary(run.valid));
  fmt::print("{:.1f} s, model {}\n", run.seconds, directory.model().string());
}

void print_json(const NaiveBayesRun& run, const RunDirectory& directory) {
  const nlohmann::ordered_json object = {{"sequences", run.sequences},
                                         {"features", run.features},
                                         {"valid_sequences", run.valid.confusion.total()},
                                         {"valid_accuracy", run.valid.confusion.accuracy()},
                                         {"valid_macro_f1", run.valid.confusion.macro_f1()},
                                         {"valid_nats", run.valid.log_loss()},
                                         {"seconds", run.seconds},
                                         {"model", directory.model().string()}};
  fmt::print("{}\n", object.dump());
}

int train(Options& options, const Command& command) {
  repeat_counting(options.run, "naive-bayes", options.settings.list(), command);
  const RunDirectory directory = open_counting(options.run);
  const NaiveBayesRun run = train_naive_bayes(options.settings, directory);
  print_remarks(run.remarks);
  options.run.json ? print_json(run, directory) : print_text(run, directory);
  return kDone;
}

}  // namespace

void prepare_train_naive_bayes(Command& command) {
  auto options = std::make_shared<Options>();
  declare_counting(command, options->run, options->settings.list());
  command.example(
      "  unfold train naive-bayes --data reviews.csv --out bayes\n"
      "  unfold train naive-bayes --data names_by_language/ --level char --deduplicate --out bayes");
  command.action([options, command] { return train(*options, command); });
}

}  // namespace unfold::cli
