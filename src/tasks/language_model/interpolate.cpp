#include "tasks/language_model/interpolate.h"

#include <fmt/core.h>

#include <charconv>
#include <cmath>
#include <numeric>

#include "unfold/cache_model.h"
#include "unfold/error.h"
#include "unfold/model_file.h"

namespace unfold {
namespace {

constexpr const char* kCache = "cache";

struct Specification {
  std::string model;
  double weight = 0;
};

Specification parse(const std::string& text) {
  const std::size_t colon = text.rfind(':');
  Specification result{text.substr(0, colon)};
  if (colon != std::string::npos) {
    const char* const end = text.data() + text.size();
    const auto parsed = std::from_chars(text.data() + colon + 1, end, result.weight);
    if (parsed.ec == std::errc() && parsed.ptr == end && result.weight > 0 && !result.model.empty()) return result;
  }
  throw UsageError(fmt::format("--mix {}: expected MODEL:WEIGHT with a weight above 0, for example ngram:0.3", text));
}

std::unique_ptr<TextModel> load(const std::string& name, const EvaluationSettings& settings,
                                const Vocabulary& vocabulary) {
  if (name == kCache && !std::filesystem::exists(name)) {
    if (!(settings.cache_decay > 0 && settings.cache_decay <= 1)) {
      throw UsageError(fmt::format("--cache-decay must be above 0 and at most 1, found {}", settings.cache_decay));
    }
    return std::make_unique<CacheModel>(vocabulary.size(), CacheOptions{settings.cache_length, settings.cache_decay});
  }
  LoadedTextModel loaded = load_text_model(name);
  if (loaded.vocabulary != vocabulary) {
    throw InputError(
        fmt::format("{}: its vocabulary of {} symbols is not the one of {} ({} symbols); models that are mixed must "
                    "be made from the same --data with the same --level and --vocab",
                    name, loaded.vocabulary.size(), settings.model, vocabulary.size()));
  }
  return std::move(loaded.model);
}

}  // namespace

std::vector<WeightedModel> mixed_models(const EvaluationSettings& settings, std::unique_ptr<TextModel> first,
                                        const Vocabulary& vocabulary) {
  std::vector<WeightedModel> models;
  models.push_back({settings.model, 1, std::move(first)});
  for (const std::string& text : settings.mix) {
    const Specification part = parse(text);
    models.push_back({part.model, part.weight, load(part.model, settings, vocabulary)});
    models.front().weight -= part.weight;
  }
  if (!(models.front().weight > 0)) {
    throw UsageError(fmt::format("the weights of --mix sum to {}; they must leave something to {}",
                                 1 - models.front().weight, settings.model));
  }
  return models;
}

std::vector<float> score_all(TextModel& model, const EvaluationBatches& batches) {
  std::vector<float> scores;
  scores.reserve(static_cast<std::size_t>(batches.predictions()));
  TextState state = model.begin(batches.batch());
  for (Index w = 0; w < batches.windows(); ++w) {
    const std::vector<float> window = model.score(batches.window(w), state);
    scores.insert(scores.end(), window.begin(), window.end());
  }
  return scores;
}

double sum(const std::vector<float>& values) { return std::accumulate(values.begin(), values.end(), 0.0); }

double interpolate(const std::vector<WeightedModel>& models, const EvaluationBatches& batches,
                   std::vector<MixedModel>& alone) {
  const auto count = static_cast<double>(batches.predictions());
  std::vector<double> probabilities(static_cast<std::size_t>(batches.predictions()));
  for (const WeightedModel& part : models) {
    const std::vector<float> scores = score_all(*part.model, batches);
    alone.push_back({part.name, part.weight, -sum(scores) / count});
    for (std::size_t i = 0; i < scores.size(); ++i) probabilities[i] += part.weight * std::exp(double{scores[i]});
  }
  double log_sum = 0;
  for (const double p : probabilities) log_sum += std::log(p);
  return -log_sum / count;
}

}  // namespace unfold
