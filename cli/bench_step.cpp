#include "bench_step.h"

#include <fmt/format.h>

#include <memory>

#include "bench_report.h"
#include "tasks/bench/step.h"
#include "verb.h"

namespace unfold::cli {
namespace {

struct Options {
  std::string cell = "lstm";
  Index inputs = 1;
  std::vector<Index> hidden = {16, 40, 64, 128};
  BenchOptions measuring;
};

int bench_step(const Options& options) {
  options.measuring.apply();
  const Cell cell = Cell::load(options.cell);
  nlohmann::ordered_json all = nlohmann::ordered_json::object();
  if (!options.measuring.json) {
    fmt::print("{:>8}{:>16}{:>16}{:>10}\n", "units", "ns a step", "limit in ns", "fraction");
  }
  for (const Index hidden : options.hidden) {
    const StepRate rate = measure_step(cell, options.inputs, hidden, static_cast<int>(options.measuring.rounds));
    all[fmt::to_string(hidden)] = {{"nanoseconds", rate.seconds * 1e9}, {"limit_nanoseconds", rate.limit() * 1e9}};
    if (options.measuring.json) continue;
    fmt::print("{:>8}{:>16.1f}{:>16.1f}{:>10.3f}\n", hidden, rate.seconds * 1e9, rate.limit() * 1e9,
               rate.limit() / rate.seconds);
  }
  if (options.measuring.json) {
    const nlohmann::ordered_json report = {{"cell", options.cell}, {"inputs", options.inputs}, {"units", all}};
    fmt::print("{}\n", report.dump());
  }
  return kDone;
}

}  // namespace

void prepare_bench_step(Command& command) {
  auto options = std::make_shared<Options>();
  command.option("cell", options->cell, "A shipped cell or a file");
  command.option("inputs", options->inputs, "Numbers that a step reads", Least::kOne);
  command.option("hidden", options->hidden, "Units of the layer: sizes to be measured one after another");
  options->measuring.declare(command);
  command.example("  unfold bench step\n  unfold bench step --cell gru --hidden 32");
  command.action([options] { return bench_step(*options); });
}

}  // namespace unfold::cli
