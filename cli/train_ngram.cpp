#include "train_ngram.h"

#include <fmt/core.h>

#include <cmath>
#include <memory>
#include <nlohmann/json.hpp>
#include <numbers>

#include "add_settings.h"
#include "tasks/ngram/ngram.h"
#include "unfold/error.h"
#include "verb.h"

namespace unfold::cli {
namespace {

constexpr std::size_t kCountsShown = 10;

struct Options {
  NGramSettings settings;
  std::string out;
  std::string config;
  bool overwrite = false;
  bool json = false;
};

void print_counts(const NGramRun& run) {
  for (std::size_t order = 1; order <= run.counts.size(); ++order) {
    if (order > kCountsShown && order < run.counts.size()) continue;
    fmt::print("{}{} {}-grams",
               order == 1                 ? ""
               : order > kCountsShown + 1 ? ", ... "
                                          : ", ",
               run.counts[order - 1], order);
  }
  fmt::print("\n");
}

void print_text(const NGramRun& run, const RunDirectory& directory) {
  fmt::print("{} tokens of {} symbols: ", run.tokens, run.vocabulary);
  print_counts(run);
  fmt::print("validation {:.4f} nats = {:.4f} bits per token, perplexity {:.3f}\n", run.valid_nats,
             run.valid_nats / std::numbers::ln2, std::exp(run.valid_nats));
  fmt::print("{:.1f} s, {:.1f} MB, model {}\n", run.seconds, static_cast<double>(run.bytes) / 1e6,
             directory.model().string());
}

void print_json(const NGramRun& run, const RunDirectory& directory) {
  const nlohmann::ordered_json object = {{"order", run.order},
                                         {"vocabulary", run.vocabulary},
                                         {"tokens", run.tokens},
                                         {"counts", run.counts},
                                         {"valid_tokens", run.valid_tokens},
                                         {"valid_nats", run.valid_nats},
                                         {"valid_bits_per_token", run.valid_nats / std::numbers::ln2},
                                         {"valid_perplexity", std::exp(run.valid_nats)},
                                         {"seconds", run.seconds},
                                         {"bytes", run.bytes},
                                         {"model", directory.model().string()}};
  fmt::print("{}\n", object.dump());
}

int train(Options& options, const Command& command) {
  const Settings settings = options.settings.list();
  if (!options.config.empty()) read_config(options.config, "ngram", settings, given_names(command, settings));
  if (options.out.empty()) throw UsageError("--out is missing: the folder for the run");
  if (options.settings.text.data.empty()) throw UsageError("--data is missing: the text to count");
  const RunDirectory directory(options.out, options.overwrite ? ExistingRun::kOverwrite : ExistingRun::kRefuse);
  const NGramRun run = train_ngram(options.settings, directory);
  options.json ? print_json(run, directory) : print_text(run, directory);
  return kDone;
}

}  // namespace

void prepare_train_ngram(Command& command) {
  auto options = std::make_shared<Options>();
  command.group("Run");
  command.option("out", options->out, "Folder for the run: model, configuration");
  command.option("config", options->config, "config.toml of a run to repeat; options given here win");
  command.flag("overwrite", options->overwrite, "Discard the run in --out");
  command.flag("json", options->json, "Print one JSON object");
  add_settings(command, options->settings.list());
  command.example(
      "  unfold train ngram --data book.txt --out ngram --order 6\n"
      "  unfold evaluate run --data other.txt --mix ngram:0.3");
  command.action([options, command] { return train(*options, command); });
}

}  // namespace unfold::cli
