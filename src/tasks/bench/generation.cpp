#include "tasks/bench/generation.h"

#include <memory>

#include "data/text/utf8.h"
#include "tasks/bench/limits.h"
#include "tensor/kernels/weight_format.h"
#include "unfold/generate.h"
#include "unfold/language_text_model.h"

namespace unfold {
namespace {

/// Tokens of a text: so many that its beginning does not count.
constexpr Index kTokens = 1024;

/// Any characters: as many as the model has symbols.
Vocabulary vocabulary_of(Index symbols) {
  constexpr std::int32_t kFirst = 0x100;  // letters, from Latin to Hangul, come after
  std::vector<SymbolCount> counts;
  for (std::int32_t i = 0; i < symbols; ++i) counts.push_back({encode_utf8(kFirst + i), 1});
  return Vocabulary::build(Level::kChar, std::move(counts), {});
}

LanguageModel make(const BenchModel& bench, WeightFormat weights) {
  LanguageModel network = bench.make();
  for (Parameter* parameter : network.parameters()) {
    if (parameter->shape().rank() == 2) parameter->round_to(weights);
  }
  return network;
}

/// Vectors stay in float32.
double bytes_of_step(const LanguageModel& network, WeightFormat weights) {
  double vectors = 0;
  for (const Parameter* parameter : network.parameters()) {
    if (parameter->shape().rank() != 2) vectors += static_cast<double>(parameter->shape().count()) * sizeof(float);
  }
  return (work_of(network).step_bytes - vectors) / sizeof(float) * static_cast<double>(kernels::bytes_of(weights)) +
         vectors;
}

struct Writer {
  Writer(const BenchModel& bench, WeightFormat weights)
      : network(make(bench, weights)), model(network), vocabulary(vocabulary_of(bench.symbols)) {}

  LanguageModel network;
  LanguageTextModel model;
  Vocabulary vocabulary;
};

}  // namespace

GenerationRate measure_generation(const BenchModel& model, WeightFormat weights, int rounds) {
  const auto writer = std::make_shared<Writer>(model, weights);
  const auto write = [writer](Index count) {
    for (Index i = 0; i < count; ++i) generate(writer->model, writer->vocabulary, {.length = kTokens});
  };
  GenerationRate result{.bytes = bytes_of_step(writer->network, weights)};
  const std::vector<double> rates = measure_rates(
      {{.name = "tokens", .work = static_cast<double>(kTokens), .repeat = write}, read_load(result.bytes)}, rounds);
  result.tokens_per_second = rates[0];
  result.streaming = rates[1];
  return result;
}

}  // namespace unfold
