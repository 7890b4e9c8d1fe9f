#include "train_hidden_markov.h"

#include <fmt/core.h>

#include <memory>
#include <nlohmann/json.hpp>

#include "add_settings.h"
#include "labelling_report.h"
#include "tasks/hidden_markov/hidden_markov.h"
#include "unfold/error.h"
#include "verb.h"

namespace unfold::cli {
namespace {

struct Options {
  HiddenMarkovSettings settings;
  std::string out;
  std::string config;
  bool overwrite = false;
  bool json = false;
};

void print_text(const HiddenMarkovRun& run, const RunDirectory& directory) {
  fmt::print("{} words of {} sentences, {} {}\n", run.words, run.sentences, run.states, run.tagger ? "tags" : "states");
  if (run.tagger) {
    fmt::print("validation: {}\n", summary(*run.tagger));
    fmt::print("each word's most frequent tag: accuracy {:.2f} %\n", 100 * run.most_frequent);
  } else {
    const auto words = static_cast<double>(run.words);
    fmt::print("training {:.4f} nats per word at first, {:.4f} after {} iterations; validation {:.4f}\n",
               -run.log_probabilities.front() / words, -run.log_probabilities.back() / words,
               run.log_probabilities.size() - 1, run.valid_nats);
  }
  fmt::print("{:.1f} s, model {}\n", run.seconds, directory.model().string());
}

void print_json(const HiddenMarkovRun& run, const RunDirectory& directory) {
  nlohmann::ordered_json object = {{"sentences", run.sentences}, {"words", run.words}, {"states", run.states}};
  if (run.tagger) {
    object["valid_accuracy"] = run.tagger->confusion.accuracy();
    object["valid_unknown_accuracy"] = run.tagger->unknown_accuracy();
    object["valid_nats"] = run.tagger->log_loss();
    object["valid_most_frequent_accuracy"] = run.most_frequent;
  } else {
    object["log_probabilities"] = run.log_probabilities;
    object["valid_nats"] = run.valid_nats;
  }
  object["seconds"] = run.seconds;
  object["model"] = directory.model().string();
  fmt::print("{}\n", object.dump());
}

int train(Options& options, const Command& command) {
  const Settings settings = options.settings.list();
  if (!options.config.empty()) read_config(options.config, "hmm", settings, given_names(command, settings));
  if (options.out.empty()) throw UsageError("--out is missing: the folder for the run");
  const RunDirectory directory(options.out, options.overwrite ? ExistingRun::kOverwrite : ExistingRun::kRefuse);
  const HiddenMarkovRun run = train_hidden_markov(options.settings, directory);
  print_remarks(run.remarks);
  options.json ? print_json(run, directory) : print_text(run, directory);
  return kDone;
}

}  // namespace

void prepare_train_hidden_markov(Command& command) {
  auto options = std::make_shared<Options>();
  command.group("Run");
  command.option("out", options->out, "Folder for the run: model, configuration");
  command.option("config", options->config, "config.toml of a run to repeat; options given here win");
  command.flag("overwrite", options->overwrite, "Discard the run in --out");
  command.flag("json", options->json, "Print one JSON object");
  add_settings(command, options->settings.list());
  command.example(
      "  unfold train hmm --data train.conllu --valid dev.conllu --out hmm\n"
      "  unfold train hmm --data train.conllu --label xpos --out hmm\n"
      "  unfold train hmm --data book.txt --format text --states 20 --out states");
  command.action([options, command] { return train(*options, command); });
}

}  // namespace unfold::cli
