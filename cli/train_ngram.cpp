#include "train_ngram.h"

#include <fmt/core.h>

#include <cmath>
#include <memory>
#include <nlohmann/json.hpp>
#include <numbers>

#include "counting_run.h"
#include "tasks/ngram/ngram.h"
#include "unfold/error.h"
#include "verb.h"

namespace unfold::cli {
namespace {

constexpr std::size_t kCountsShown = 10;

struct Options {
  NGramSettings settings;
  CountingOptions run;
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
  repeat_counting(options.run, "ngram", options.settings.list(), command);
  if (options.settings.text.data.empty()) throw UsageError("--data is missing: the text to count");
  const RunDirectory directory = open_counting(options.run);
  const NGramRun run = train_ngram(options.settings, directory);
  options.run.json ? print_json(run, directory) : print_text(run, directory);
  return kDone;
}

}  // namespace

void prepare_train_ngram(Command& command) {
  auto options = std::make_shared<Options>();
  declare_counting(command, options->run, options->settings.list());
  command.example(
      "  unfold train ngram --data book.txt --out ngram --order 6\n"
      "  unfold evaluate run --data other.txt --mix ngram:0.3");
  command.action([options, command] { return train(*options, command); });
}

}  // namespace unfold::cli
