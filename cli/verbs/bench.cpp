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
  Index threads = thread_count();
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
  const int threads = static_cast<int>(options.threads);
  set_thread_count(threads);
  const int repeats = static_cast<int>(options.repeats);
  const double peak = kernels::measure_product_peak(threads, repeats);
  const TrainingBenchResult result = bench_training(options.train, repeats);
  const double gflops = result.flops / result.seconds * 1e-9;
  print({{"cell", options.train.cell},
         {"hidden", options.train.hidden},
         {"layers", options.train.layers},
         {"embed", options.train.embed},
         {"adaptive", options.train.adaptive_softmax},
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
  const int threads = static_cast<int>(options.threads);
  const int repeats = static_cast<int>(options.repeats);
  const double gflops = kernels::measure_products(threads, options.product, repeats);
  const double peak = kernels::measure_product_peak(threads, repeats);
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

void add_common(Command& command, Options& options) {
  command.option("threads", options.threads, "Threads");
  command.option("repeats", options.repeats, "Measurements, of which the median counts");
  command.flag("json", options.json, "Print one JSON object");
}

void prepare(Command& command) {
  auto options = std::make_shared<Options>();

  Command train = command.below("train", "A whole training step of a language model");
  train.option("cell", options->train.cell, "Cell");
  train.option("hidden", options->train.hidden, "Units H of each layer");
  train.option("layers", options->train.layers, "Layers of cells");
  train.option("embed", options->train.embed, "Size of the embedding, 0 for one-hot input", Least::kZero);
  train.flag("adaptive", options->train.adaptive_softmax, "An adaptive softmax in place of the full one");
  train.option("symbols", options->train.symbols, "Size of the vocabulary V");
  train.option("batch", options->train.batch, "Sequences B");
  train.option("unroll", options->train.unroll, "Steps T");
  add_common(train, *options);
  train.example("  unfold bench train --cell gru --hidden 512 --layers 3");
  train.action([options] { return bench_train(*options); });

  Command gemm = command.below("gemm", "A matrix product [M, K] [K, N]");
  gemm.option("rows", options->product.m, "M");
  gemm.option("columns", options->product.n, "N");
  gemm.option("depth", options->product.k, "K");
  add_common(gemm, *options);
  gemm.example("  unfold bench gemm --rows 64 --columns 2048 --depth 512");
  gemm.action([options] { return bench_gemm(*options); });

  command.example("  unfold bench train\n  unfold bench gemm --json");
}

}  // namespace

Verb verb_bench() { return {"bench", "Measure throughput beside what the machine itself can do", prepare}; }

}  // namespace unfold::cli
