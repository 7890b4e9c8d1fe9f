#include "bench_train.h"

#include <fmt/core.h>

#include <cstdio>
#include <memory>

#include "add_settings.h"
#include "bench_report.h"
#include "tasks/bench/training.h"
#include "unfold/cell.h"
#include "verb.h"

namespace unfold::cli {
namespace {

using Json = nlohmann::ordered_json;

struct Options {
  BenchModel model;
  std::string plain;               // of bench train: the cell to compare with
  std::vector<std::string> cells;  // of bench cells
  BenchOptions measuring;
};

Json description(const BenchModel& model) {
  return {{"cell", model.settings.network.cell},
          {"hidden", model.settings.network.hidden},
          {"layers", model.settings.network.layers},
          {"symbols", model.symbols},
          {"batch", model.settings.text.batch},
          {"unroll", model.settings.text.unroll},
          {"precision", model.settings.execution.precision}};
}

Json figures(const BenchModel& model, const TrainingRate& rate) {
  const auto rows = static_cast<double>(model.settings.text.batch * model.settings.text.unroll);
  Json report = {{"seconds_per_step", rate.seconds},
                 {"loop_seconds", rate.parts.loop},
                 {"outside_loop_seconds", rate.parts.outside},
                 {"gradient_seconds", rate.parts.gradients},
                 {"tokens_per_second", rows / rate.seconds},
                 {"gflop", rate.work.written_operations / 1e9},
                 {"executed_gflop", rate.work.operations / 1e9},
                 {"gflops", rate.written_rate() / 1e9},
                 {"executed_gflops", rate.executed_rate() / 1e9},
                 {"peak_gflops", rate.peak / 1e9},
                 {"peak_product", rate.peak_shape},
                 {"fraction_of_peak", rate.written_rate() / rate.peak},
                 {"loop_gigabytes", rate.work.loop_bytes / 1e9}};
  if (rate.streaming > 0) {
    report["loop_gigabytes_per_second"] = rate.loop_rate() / 1e9;
    report["memory_gigabytes_per_second"] = rate.streaming / 1e9;
    report["fraction_of_memory"] = rate.loop_rate() / rate.streaming;
  }
  return report;
}

/// The same sizes, the cell to compare with, no rewrites and no dropout.
BenchModel plain_model(const Options& options) {
  BenchModel plain = options.model;
  plain.settings.network.cell = options.plain;
  plain.settings.regularisation = {};
  return plain;
}

int bench_train(const Options& options) {
  check_precision(options.model.settings.execution);
  options.measuring.apply();
  const BenchModel plain = plain_model(options);
  const TrainingRate rate = measure_training(options.model, static_cast<int>(options.measuring.rounds),
                                             options.plain.empty() ? nullptr : &plain);
  Json report = description(options.model);
  report["threads"] = options.measuring.threads;
  report.update(figures(options.model, rate));
  if (rate.plain_seconds) {
    report["beside"] = options.plain;
    report["beside_seconds_per_step"] = *rate.plain_seconds;
    report["times_beside"] = rate.seconds / *rate.plain_seconds;
  }
  print_report(report, options.measuring.json);
  return kDone;
}

void print_row(const std::string& cell, const TrainingRate& rate) {
  fmt::print("{:<18}{:>10.1f}{:>10.2f}{:>10.2f}{:>10.1f}{:>10.1f}{:>10.3f}{}\n", cell, rate.seconds * 1e3,
             rate.work.written_operations / 1e9, rate.work.operations / 1e9, rate.written_rate() / 1e9, rate.peak / 1e9,
             rate.written_rate() / rate.peak,
             rate.streaming > 0 ? fmt::format("{:>16.3f}", rate.loop_rate() / rate.streaming) : "");
  std::fflush(stdout);  // the next one takes seconds
}

int bench_cells(const Options& options) {
  check_precision(options.model.settings.execution);
  options.measuring.apply();
  const bool json = options.measuring.json;
  BenchModel model = options.model;
  Json report = description(model);
  report.erase("cell");
  report["threads"] = options.measuring.threads;
  report["cells"] = Json::object();
  if (!json) {
    fmt::print("{:<18}{:>10}{:>10}{:>10}{:>10}{:>10}{:>10}{:>16}\n", "cell", "ms/step", "GFLOP", "executed", "GFLOP/s",
               "peak", "fraction", "loop of memory");
  }
  for (const std::string& cell : options.cells.empty() ? shipped_cells() : options.cells) {
    model.settings.network.cell = cell;
    const TrainingRate rate = measure_training(model, static_cast<int>(options.measuring.rounds));
    report["cells"][cell] = figures(model, rate);
    if (!json) print_row(cell, rate);
  }
  if (json) print_report(report, true);
  return kDone;
}

void declare(Command& command, Options& options) {
  command.option("symbols", options.model.symbols, "Size of the vocabulary V");
  command.option("batch", options.model.settings.text.batch, "Sequences B");
  command.option("unroll", options.model.settings.text.unroll, "Steps T");
  options.measuring.declare(command);
}

}  // namespace

void prepare_bench_train(Command& command) {
  auto options = std::make_shared<Options>();
  declare(command, *options);
  command.option("beside", options->plain,
                 "Another cell, without rewrites and dropout, that has its turn beside this one");
  command.flag("gradient-only", options->model.gradient_only, "Forward and backward alone, without clipping and Adam");
  add_settings(command, options->model.list());
  command.example(
      "  unfold bench train --cell gru --hidden 512 --layers 3\n"
      "  unfold bench train --cell my.cell --zoneout 0.1 --beside lstm");
  command.action([options] { return bench_train(*options); });
}

void prepare_bench_cells(Command& command) {
  auto options = std::make_shared<Options>();
  options->model.settings.network.layers = 1;
  command.arguments("cells", options->cells, "Shipped cells or files of equations; all shipped cells if left out");
  declare(command, *options);
  command.option("hidden", options->model.settings.network.hidden, "Units H");
  add_settings(command, {options->model.settings.execution.precision_setting()});
  command.example("  unfold bench cells\n  unfold bench cells lstm my.cell --threads 1");
  command.action([options] { return bench_cells(*options); });
}

}  // namespace unfold::cli
