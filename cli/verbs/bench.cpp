// unfold bench train|gemm: throughput, beside what the machine itself can do, measured in the same run.
#include "tasks/bench.h"

#include <fmt/core.h>

#include <nlohmann/json.hpp>

#include "base/threads.h"
#include "tensor/kernels/peak.h"
#include "verb.h"

namespace unfold::cli {
namespace {

struct Options {
  TrainingBench train;
  kernels::ProductShape product{.m = 64, .n = 2048, .k = 512};
  Index repeats = 5;
  int threads = thread_count();
  bool json = false;
};

void print(const nlohmann::ordered_json& object, bool json) {
  if (json) {
    fmt::print("{}\n", object.dump());
    return;
  }
  for (const auto& [key, value] : object.items()) {
    fmt::print("{:<24} {}\n", key, value.is_number_float() ? fmt::format("{:.5g}", value.get<double>()) : value.dump());
  }
}

int bench_train(const Options& options) {
  set_thread_count(options.threads);
  const int repeats = static_cast<int>(options.repeats);
  const double peak = kernels::measure_product_peak(options.threads, repeats);
  const TrainingBenchResult result = bench_training(options.train, repeats);
  const double gflops = result.flops / result.seconds * 1e-9;
  print({{"cell", options.train.cell},
         {"hidden", options.train.hidden},
         {"layers", options.train.layers},
         {"symbols", options.train.symbols},
         {"batch", options.train.batch},
         {"unroll", options.train.unroll},
         {"threads", options.threads},
         {"seconds_per_step", result.seconds},
         {"tokens_per_second", static_cast<double>(options.train.batch * options.train.unroll) / result.seconds},
         {"gflops", gflops},
         {"peak_gflops", peak},
         {"fraction_of_peak", gflops / peak}},
        options.json);
  return kDone;
}

int bench_gemm(const Options& options) {
  const int repeats = static_cast<int>(options.repeats);
  const double gflops = kernels::measure_products(options.threads, options.product, repeats);
  const double peak = kernels::measure_product_peak(options.threads, repeats);
  print({{"m", options.product.m},
         {"n", options.product.n},
         {"k", options.product.k},
         {"threads", options.threads},
         {"gflops", gflops},
         {"peak_gflops", peak},
         {"fraction_of_peak", gflops / peak}},
        options.json);
  return kDone;
}

template <class Value>
void add(CLI::App& command, const char* name, Value& value, const char* help) {
  command.add_option(name, value, help)->capture_default_str()->check(CLI::PositiveNumber);
}

void add_common(CLI::App& command, Options& options) {
  add(command, "--threads", options.threads, "Threads");
  add(command, "--repeats", options.repeats, "Measurements, of which the median counts");
  command.add_flag("--json", options.json, "Print one JSON object");
}

Action prepare(CLI::App& command) {
  auto options = std::make_shared<Options>();
  auto chosen = std::make_shared<Action>();

  CLI::App* train = command.add_subcommand("train", "A whole training step of a language model");
  train->add_option("--cell", options->train.cell, "Cell")->capture_default_str();
  add(*train, "--hidden", options->train.hidden, "Units H of each layer");
  add(*train, "--layers", options->train.layers, "Layers of cells");
  add(*train, "--symbols", options->train.symbols, "Size of the vocabulary V");
  add(*train, "--batch", options->train.batch, "Sequences B");
  add(*train, "--unroll", options->train.unroll, "Steps T");
  train->footer("Example:\n  unfold bench train --cell gru --hidden 512 --layers 3");
  train->final_callback([options, chosen] { *chosen = [options] { return bench_train(*options); }; });
  add_common(*train, *options);

  CLI::App* gemm = command.add_subcommand("gemm", "A matrix product [M, K] [K, N]");
  add(*gemm, "--rows", options->product.m, "M");
  add(*gemm, "--columns", options->product.n, "N");
  add(*gemm, "--depth", options->product.k, "K");
  gemm->footer("Example:\n  unfold bench gemm --rows 64 --columns 2048 --depth 512");
  gemm->final_callback([options, chosen] { *chosen = [options] { return bench_gemm(*options); }; });
  add_common(*gemm, *options);

  command.require_subcommand(1);
  return [chosen] { return (*chosen)(); };
}

}  // namespace

Verb verb_bench() {
  return {"bench", "Measure throughput beside what the machine itself can do",
          "  unfold bench train\n  unfold bench gemm --json", prepare};
}

}  // namespace unfold::cli
