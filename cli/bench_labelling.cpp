#include "bench_labelling.h"

#include <fmt/format.h>

#include <cstdio>
#include <memory>
#include <set>
#include <utility>

#include "add_settings.h"
#include "base/threads.h"
#include "bench_report.h"
#include "tasks/bench/labelling.h"
#include "verb.h"

namespace unfold::cli {
namespace {

using Json = nlohmann::ordered_json;

template <class TaskSettings>
struct Options {
  TaskSettings settings;
  BenchOptions measuring;
};

Json row(const std::string& what, Index threads, const LabellingRate& rate) {
  return {{"what", what},
          {"threads", threads},
          {"words_per_second", rate.ragged},
          {"equal_lengths_words_per_second", rate.equal},
          {"fraction", rate.fraction()}};
}

void print_header(const LayerSettings& network, Index batch) {
  fmt::print("{}, layers of {} units, batches of {} words\n\n", network.cell, fmt::join(network.layer_sizes(), " and "),
             batch);
  fmt::print("{:<24}{:>12}{:>16}{:>10}\n", "words per second", "as in text", "equal lengths", "fraction");
}

void print_row(const std::string& what, Index threads, const LabellingRate& rate) {
  const std::string name = fmt::format("{}, {} thread{}", what, threads, threads == 1 ? "" : "s");
  fmt::print("{:<24}{:>12.0f}{:>16.0f}{:>10.3f}\n", name, rate.ragged, rate.equal, rate.fraction());
  std::fflush(stdout);  // the next one takes seconds
}

/// On one thread, and on as many as were asked for.
template <class TaskSettings>
int report(const Options<TaskSettings>& options, Index batch, LabellingRates measure(TaskSettings, int rounds)) {
  const LayerSettings& network = options.settings.network;
  const BenchOptions& measuring = options.measuring;
  check_precision(options.settings.execution);
  Json rows = Json::array();
  if (!measuring.json) print_header(network, batch);
  for (const Index threads : std::set<Index>{1, measuring.threads}) {
    set_thread_count(static_cast<int>(threads));
    const LabellingRates rates = measure(options.settings, static_cast<int>(measuring.rounds));
    for (const auto& [what, rate] :
         {std::pair("training", rates.training), std::pair("prediction", rates.prediction)}) {
      rows.push_back(row(what, threads, rate));
      if (!measuring.json) print_row(what, threads, rate);
    }
  }
  if (measuring.json) {
    print_report({{"cell", network.cell}, {"hidden", network.hidden}, {"batch", batch}, {"rows", rows}}, true);
  }
  return kDone;
}

}  // namespace

void prepare_bench_tag(Command& command) {
  auto options = std::make_shared<Options<TaggerSettings>>();
  TaggerSettings& settings = options->settings;
  command.option("batch", settings.batch, "Words of a batch of whole sentences");
  options->measuring.declare(command);
  add_settings(command,
               joined({settings.words.list(), settings.network.list(), {settings.execution.precision_setting()}}));
  command.example("  unfold bench tag\n  unfold bench tag --cell gru --hidden 100 --crf");
  command.action([options] { return report(*options, options->settings.batch, measure_tagging); });
}

void prepare_bench_classify(Command& command) {
  auto options = std::make_shared<Options<ClassifierSettings>>();
  ClassifierSettings& settings = options->settings;
  settings.symbols.batch = 1000;  // what 200,000 words have by default
  command.option("batch", settings.symbols.batch, "Words of all sentences in a batch");
  options->measuring.declare(command);
  add_settings(command, joined({settings.network.list(), {settings.execution.precision_setting()}}));
  command.example("  unfold bench classify\n  unfold bench classify --cell gru --bidirectional --pooling attention");
  command.action([options] { return report(*options, options->settings.symbols.batch, measure_classifying); });
}

}  // namespace unfold::cli
