// unfold explain CELL: the plan of a cell, as a database prints a query plan.
#include <fmt/core.h>

#include "add_settings.h"
#include "tasks/rewrite_settings.h"
#include "unfold/recurrence.h"
#include "verb.h"

namespace unfold::cli {
namespace {

struct Options {
  std::string cell;
  Sizes sizes{.input = 64, .hidden = 128, .target = 0};
  bool one_hot = false;
  Workload workload;
  RewriteSettings recurrence;
};

void prepare(Command& command) {
  auto options = std::make_shared<Options>();
  command.argument("cell", options->cell, "A shipped cell's name or a file of equations");
  command.require("cell");
  command.option("hidden", options->sizes.hidden, "Units H");
  command.option("input", options->sizes.input, "Size of the input I");
  command.option("batch", options->workload.batch, "Sequences in a batch B");
  command.option("unroll", options->workload.steps, "Steps T");
  command.flag("one-hot", options->one_hot, "The input is a token: a one-hot vector");
  add_settings(command, grouped("Inside the recurrence", options->recurrence.list()));
  command.example("  unfold explain lstm --hidden 512 --batch 64 --unroll 64\n  unfold explain lstm --zoneout 0.1");
  command.action([options] {
    options->sizes.target = options->sizes.input;
    if (options->one_hot) options->workload.input = InputValues::Kind::kOneHot;
    const Recurrence recurrence(Cell::load(options->cell), options->sizes, options->recurrence.rewrites(),
                                options->workload);
    fmt::print("{}", recurrence.explain());
    return kDone;
  });
}

}  // namespace

Verb verb_explain() {
  return {"explain", "Show the plan of a cell: what runs before, inside and after the loop over time", prepare};
}

}  // namespace unfold::cli
