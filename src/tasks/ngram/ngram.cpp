#include "tasks/ngram/ngram.h"

#include <fmt/core.h>

#include <chrono>
#include <cmath>

#include "base/file.h"
#include "tasks/language_model/complete.h"
#include "tasks/language_model/data.h"
#include "unfold/error.h"
#include "unfold/model_file.h"

namespace unfold {
namespace {

constexpr const char* kTask = "ngram";
// Longer contexts help characters; words soon have no counts.
constexpr Index kSymbolOrder = 6;
constexpr Index kWordOrder = 3;

void complete(NGramSettings& settings) {
  complete(settings.text);
  if (settings.order == kAutomatic) settings.order = settings.text.level == "word" ? kWordOrder : kSymbolOrder;
  if (settings.order < 1 || settings.order > NGram::kHighestOrder) {
    throw UsageError(fmt::format("--order must be from 1 to {}, not {}", NGram::kHighestOrder, settings.order));
  }
}

/// Mean of -log p over all tokens but the first.
double mean_nats(const NGram& model, std::span<const std::int32_t> tokens) {
  const std::vector<double> probabilities = model.probabilities(tokens);
  double sum = 0;
  for (const double p : std::span(probabilities).subspan(1)) sum -= std::log(p);
  return sum / static_cast<double>(tokens.size() - 1);
}

}  // namespace

Settings NGramSettings::list() {
  Settings all = text.list();
  std::erase_if(all,
                [](const Setting& setting) { return setting.name == "batch" || setting.name.starts_with("unroll"); });
  return joined(
      {all, grouped("Model", {
                                 {"order", "n of the n-grams, 1 for single tokens; default 6, for words 3", &order},
                                 {"smoothing", "kneser-ney, witten-bell or maximum-likelihood", &smoothing},
                             })});
}

std::string NGramSettings::config() const {
  NGramSettings recorded = *this;
  return config_text(kTask, recorded.list());
}

NGram count_ngrams(const Tokens& text, const Vocabulary& vocabulary, int order, Smoothing smoothing) {
  const NGramOptions options{.order = order, .smoothing = smoothing, .boundary = vocabulary.boundary()};
  const std::vector<std::int32_t> tokens = text.all();
  const std::size_t first = options.boundary ? 1 : 0;  // the boundary that a divided text begins with
  return NGram::train(std::span(tokens).subspan(first), vocabulary.size(), options);
}

NGramRun train_ngram(NGramSettings settings, const RunDirectory& run) {
  complete(settings);
  const Smoothing smoothing = parse_smoothing(settings.smoothing);
  LanguageModelSettings reading;
  reading.text = settings.text;
  const TextFolder folder(run);  // whose tokens are not kept: a model of counts is not trained any further
  const LanguageModelData data = read_data(reading, folder);

  const auto begin = std::chrono::steady_clock::now();
  const NGram model = count_ngrams(data.train, data.vocabulary, static_cast<int>(settings.order), smoothing);
  NGramRun result{.order = settings.order, .vocabulary = data.vocabulary.size(), .counts = model.counts()};
  result.tokens = data.train.size();
  result.valid_tokens = data.valid.size() - 1;
  result.valid_nats = mean_nats(model, data.valid.all());
  run.begin();
  write_atomically(run.config(), settings.config());
  save_ngram(run.model(), model, data.vocabulary);
  result.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  result.bytes = std::filesystem::file_size(run.model());
  return result;
}

}  // namespace unfold
