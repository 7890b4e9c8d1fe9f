#include "tasks/bench/generation.h"

#include <memory>

#include "data/text/utf8.h"
#include "tasks/bench/limits.h"
#include "unfold/generate.h"
#include "unfold/language_text_model.h"

namespace unfold {
namespace {

/// Tokens of a text: so many that its beginning does not count.
constexpr Index kTokens = 64;

/// Any characters: as many as the model has symbols.
Vocabulary vocabulary_of(Index symbols) {
  constexpr std::int32_t kFirst = 0x100;  // letters, from Latin to Hangul, come after
  std::vector<SymbolCount> counts;
  for (std::int32_t i = 0; i < symbols; ++i) counts.push_back({encode_utf8(kFirst + i), 1});
  return Vocabulary::build(Level::kChar, std::move(counts), {});
}

struct Writer {
  explicit Writer(const BenchModel& bench)
      : network(bench.make()), model(network), vocabulary(vocabulary_of(bench.symbols)) {}

  LanguageModel network;
  LanguageTextModel model;
  Vocabulary vocabulary;
};

}  // namespace

GenerationRate measure_generation(const BenchModel& model, int rounds) {
  const auto writer = std::make_shared<Writer>(model);
  const auto write = [writer](Index count) {
    for (Index i = 0; i < count; ++i) generate(writer->model, writer->vocabulary, {.length = kTokens});
  };
  GenerationRate result{.bytes = work_of(writer->network).step_bytes};
  const std::vector<double> rates = measure_rates(
      {{.name = "tokens", .work = static_cast<double>(kTokens), .repeat = write}, read_load(result.bytes)}, rounds);
  result.tokens_per_second = rates[0];
  result.streaming = rates[1];
  return result;
}

}  // namespace unfold
