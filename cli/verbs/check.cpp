// unfold check CELL: its gradient against finite differences, its plan against the step-by-step evaluation.
#include "recurrence/check/check.h"

#include <fmt/core.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "add_settings.h"
#include "tasks/rewrite_settings.h"
#include "verb.h"

namespace unfold::cli {
namespace {

using recurrence::CheckReport;
using recurrence::Disagreement;

struct Options {
  std::string cell;
  recurrence::CheckOptions check;
  RewriteSettings recurrence;
  Index seed = 1;
  bool json = false;
};

/// The worst of those of one name: the plan is checked for each kind of input.
std::vector<Disagreement> worst_by_name(const std::vector<Disagreement>& list) {
  std::vector<Disagreement> worst;
  for (const Disagreement& entry : list) {
    const auto same =
        std::find_if(worst.begin(), worst.end(), [&](const auto& other) { return other.name == entry.name; });
    if (same == worst.end()) {
      worst.push_back(entry);
    } else if (!(entry.worst <= same->worst)) {  // a NaN is the worst
      *same = entry;
    }
  }
  return worst;
}

void print_table(const char* title, const std::vector<Disagreement>& list, double tolerance) {
  fmt::print("{} (relative error, at most {:.0e})\n", title, tolerance);
  for (const Disagreement& entry : worst_by_name(list)) {
    fmt::print("  {:<28} {:>6} entries  {:8.1e}", entry.name, entry.entries, entry.worst);
    // Written so that a NaN counts as wrong.
    if (!(entry.worst <= tolerance)) {
      fmt::print("  WRONG at entry {}: found {:.9g}, expected {:.9g}", entry.where, entry.found, entry.expected);
    }
    fmt::print("\n");
  }
}

nlohmann::ordered_json to_json(const std::vector<Disagreement>& list) {
  nlohmann::ordered_json object = nlohmann::ordered_json::object();
  for (const Disagreement& entry : worst_by_name(list)) object[entry.name] = entry.worst;
  return object;
}

void print_report(const Cell& cell, const CheckReport& report, bool json) {
  if (json) {
    const nlohmann::ordered_json object = {{"cell", cell.name()},
                                           {"pass", report.pass()},
                                           {"gradients_pass", report.gradients_pass},
                                           {"plan_pass", report.plan_pass},
                                           {"gradients", to_json(report.gradients)},
                                           {"plan", to_json(report.plan)}};
    fmt::print("{}\n", object.dump());
    return;
  }
  print_table("gradient against finite differences, float64", report.gradients, recurrence::kGradientTolerance);
  fmt::print("\n");
  print_table("plan against step-by-step evaluation, float32", report.plan, report.plan_tolerance);
  fmt::print("\n{}: {}\n", cell.name(), report.pass() ? "passed" : "FAILED");
}

void prepare(Command& command) {
  auto options = std::make_shared<Options>();
  command.argument("cell", options->cell, "A shipped cell's name or a file of equations");
  command.require("cell");
  command.option("input", options->check.sizes.input, "Size of the input I");
  command.option("hidden", options->check.sizes.hidden, "Units H");
  command.option("target", options->check.sizes.target, "Size of the label, for cells that feed their output back");
  command.option("seed", options->seed, "Of the point where the gradient is checked", Least::kZero);
  command.flag("json", options->json, "Print one JSON object");
  add_settings(command, grouped("Inside the recurrence", options->recurrence.list()));
  command.example("  unfold check my.cell\n  unfold check lstm_layernorm --hidden 11");
  command.action([options] {
    options->check.seed = static_cast<std::uint64_t>(options->seed);
    options->check.rewrites = options->recurrence.rewrites();
    const Cell cell = Cell::load(options->cell);
    const CheckReport report = recurrence::check_cell(cell, options->check);
    print_report(cell, report, options->json);
    return report.pass() ? kDone : kBadInput;
  });
}

}  // namespace

Verb verb_check() {
  return {"check", "Check a cell's gradient against finite differences, and its plan against plain evaluation",
          prepare};
}

}  // namespace unfold::cli
