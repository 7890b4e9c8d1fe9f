#include "train_naive_bayes.h"

#include <fmt/core.h>

#include <memory>
#include <nlohmann/json.hpp>

#include "add_settings.h"
#include "labelling_report.h"
#include "tasks/naive_bayes/naive_bayes.h"
#include "unfold/error.h"
#include "verb.h"

namespace unfold::cli {
namespace {

struct Options {
  NaiveBayesSettings settings;
  std::string out;
  std::string config;
  bool overwrite = false;
  bool json = false;
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
  const Settings settings = options.settings.list();
  if (!options.config.empty()) read_config(options.config, "naive-bayes", settings, given_names(command, settings));
  if (options.out.empty()) throw UsageError("--out is missing: the folder for the run");
  const RunDirectory directory(options.out, options.overwrite ? ExistingRun::kOverwrite : ExistingRun::kRefuse);
  const NaiveBayesRun run = train_naive_bayes(options.settings, directory);
  print_remarks(run.remarks);
  options.json ? print_json(run, directory) : print_text(run, directory);
  return kDone;
}

}  // namespace

void prepare_train_naive_bayes(Command& command) {
  auto options = std::make_shared<Options>();
  command.group("Run");
  command.option("out", options->out, "Folder for the run: model, configuration");
  command.option("config", options->config, "config.toml of a run to repeat; options given here win");
  command.flag("overwrite", options->overwrite, "Discard the run in --out");
  command.flag("json", options->json, "Print one JSON object");
  add_settings(command, options->settings.list());
  command.example(
      "  unfold train naive-bayes --data reviews.csv --out bayes\n"
      "  unfold train naive-bayes --data names_by_language/ --level char --deduplicate --out bayes");
  command.action([options, command] { return train(*options, command); });
}

}  // namespace unfold::cli
