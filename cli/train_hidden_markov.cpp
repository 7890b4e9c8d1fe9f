#include "train_hidden_markov.h"

#include <fmt/core.h>

#include <memory>
#include <nlohmann/json.hpp>

#include "counting_run.h"
#include "labelling_report.h"
#include "tasks/hidden_markov/hidden_markov.h"
#include "verb.h"

namespace unfold::cli {
namespace {

struct Options {
  HiddenMarkovSettings settings;
  CountingOptions run;
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
  repeat_counting(options.run, "hmm", options.settings.list(), command);
  const RunDirectory directory = open_counting(options.run);
  const HiddenMarkovRun run = train_hidden_markov(options.settings, directory);
  print_remarks(run.remarks);
  options.run.json ? print_json(run, directory) : print_text(run, directory);
  return kDone;
}

}  // namespace

void prepare_train_hidden_markov(Command& command) {
  auto options = std::make_shared<Options>();
  declare_counting(command, options->run, options->settings.list());
  command.example(
      "  unfold train hmm --data train.conllu --valid dev.conllu --out hmm\n"
      "  unfold train hmm --data train.conllu --label xpos --out hmm\n"
      "  unfold train hmm --data book.txt --format text --states 20 --out states");
  command.action([options, command] { return train(*options, command); });
}

}  // namespace unfold::cli
