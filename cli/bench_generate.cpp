#include "bench_generate.h"

#include <memory>

#include "add_settings.h"
#include "bench_report.h"
#include "tasks/bench/generation.h"
#include "verb.h"

namespace unfold::cli {
namespace {

struct Options {
  BenchModel model;
  std::string weights = "f32";
  BenchOptions measuring;
};

int bench_generate(const Options& options) {
  options.measuring.apply();
  const WeightFormat weights = parse_weight_format(options.weights);
  const GenerationRate rate = measure_generation(options.model, weights, static_cast<int>(options.measuring.rounds));
  const NetworkSettings& network = options.model.settings.network;
  print_report({{"cell", network.cell},
                {"hidden", network.hidden},
                {"layers", network.layers},
                {"symbols", options.model.symbols},
                {"weights", options.weights},
                {"threads", options.measuring.threads},
                {"tokens_per_second", rate.tokens_per_second},
                {"microseconds_per_token", 1e6 / rate.tokens_per_second},
                {"megabytes_per_token", rate.bytes / 1e6},
                {"reading_gigabytes_per_second", rate.streaming / 1e9},
                {"limit_tokens_per_second", rate.limit()},
                {"fraction_of_limit", rate.tokens_per_second / rate.limit()}},
               options.measuring.json);
  return kDone;
}

}  // namespace

void prepare_bench_generate(Command& command) {
  auto options = std::make_shared<Options>();
  command.option("symbols", options->model.symbols, "Size of the vocabulary V");
  command.option("weights", options->weights,
                 "How matrices are kept: f32, bf16 or int8, as export --quantize rounds them");
  options->measuring.declare(command);
  add_settings(command, options->model.settings.network.list());
  command.example(
      "  unfold bench generate\n  unfold bench generate --cell gru --hidden 128 --layers 2\n  unfold bench generate "
      "--weights int8");
  command.action([options] { return bench_generate(*options); });
}

}  // namespace unfold::cli
