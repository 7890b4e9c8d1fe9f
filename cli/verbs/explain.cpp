// unfold explain CELL: the plan of a cell, as a database prints a query plan.
#include <fmt/core.h>

#include "add_settings.h"
#include "tasks/rewrite_settings.h"
#include "unfold/language_model.h"
#include "unfold/recurrence.h"
#include "verb.h"

namespace unfold::cli {
namespace {

struct Options {
  std::string cell;
  Sizes sizes{.input = 64, .hidden = 128, .target = 0};
  bool one_hot = false;
  Index symbols = 0;
  Index layers = 1;
  Workload workload;
  RewriteSettings recurrence;
};

void print_memory(const Options& options) {
  LanguageModelOptions model_options;
  model_options.cell = Cell::load(options.cell);
  model_options.hidden.assign(static_cast<std::size_t>(options.layers), options.sizes.hidden);
  model_options.rewrites = options.recurrence.rewrites();
  model_options.batch = options.workload.batch;
  model_options.steps = options.workload.steps;
  const LanguageModel model(std::move(model_options), options.symbols);
  fmt::print("language model of {} layers on {} symbols: {} parameters; training with Adam takes {:.1f} MB\n",
             options.layers, options.symbols, model.parameter_count(), model.training_bytes() / 1e6);
}

void prepare(Command& command) {
  auto options = std::make_shared<Options>();
  command.argument("cell", options->cell, "A shipped cell's name or a file of equations");
  command.require("cell");
  command.option("hidden", options->sizes.hidden, "Units H");
  command.option("input", options->sizes.input, "Size of the input I");
  command.option("batch", options->workload.batch, "Sequences in a batch B");
  command.option("unroll", options->workload.steps, "Steps T");
  command.flag("one-hot", options->one_hot, "The input is a token: a one-hot vector");
  command.option("symbols", options->symbols,
                 "Predict, too, the memory of training a language model of so many symbols");
  command.option("layers", options->layers, "Its layers");
  add_settings(command, grouped("Inside the recurrence", options->recurrence.list()));
  command.example(
      "  unfold explain lstm --hidden 512 --batch 64 --unroll 64\n"
      "  unfold explain lstm --zoneout 0.1\n"
      "  unfold explain lstm --hidden 512 --layers 3 --symbols 65");
  command.action([options] {
    options->sizes.target = options->sizes.input;
    if (options->one_hot) options->workload.input = InputValues::Kind::kOneHot;
    const Recurrence recurrence(Cell::load(options->cell), options->sizes, options->recurrence.rewrites(),
                                options->workload);
    fmt::print("{}", recurrence.explain());
    if (options->symbols > 0) print_memory(*options);
    return kDone;
  });
}

}  // namespace

Verb verb_explain() {
  return {"explain", "Show the plan of a cell: what runs before, inside and after the loop over time", prepare};
}

}  // namespace unfold::cli
