#include "tasks/naive_bayes/naive_bayes.h"

#include <fmt/core.h>

#include <algorithm>
#include <chrono>

#include "base/file.h"
#include "tasks/labelling/data.h"
#include "tasks/labelling/evaluate.h"
#include "unfold/counting_labellers.h"
#include "unfold/error.h"

namespace unfold {
namespace {

constexpr const char* kTask = "naive-bayes";

TextFeatures features_of(const NaiveBayesSettings& settings) {
  const TextFeatures features{
      .level = parse_level(settings.level), .longest = settings.ngram, .shortest = settings.shortest};
  if (features.level != Level::kWord && features.level != Level::kChar) {
    throw UsageError(fmt::format("--level is word or char, not {}", settings.level));
  }
  if (features.shortest < 1 || features.longest < features.shortest) {
    throw UsageError(
        fmt::format("n-grams from {} to {}: expected 1 <= --shortest <= --ngram", features.shortest, features.longest));
  }
  return features;
}

NaiveBayesClassifier count(const NaiveBayesSettings& settings, const SequenceData& data) {
  const TextFeatures features = features_of(settings);
  std::vector<std::vector<std::string>> counted;
  std::vector<std::int32_t> labels;
  for (const Sequence& sequence : data.sequences) {
    if (sequence.label == Labels::kNone) continue;
    counted.push_back(features.of(sequence, data.kind));
    labels.push_back(sequence.label);
  }
  if (labels.empty()) throw InputError("no sequence has a label: expected labelled texts to count");
  const Index largest = *std::max_element(labels.begin(), labels.end());
  const Labels names(data.labels.names().first(static_cast<std::size_t>(largest + 1)));
  return {NaiveBayes::count(counted, labels, names.size(), settings.smoothing), features, names};
}

}  // namespace

Settings NaiveBayesSettings::list() {
  return joined({data.list(), grouped("Model", {
                                                   {"level", "What is counted: word or char", &level},
                                                   {"ngram", "Runs of up to this many of them are counted", &ngram},
                                                   {"shortest", "... and of no fewer than this", &shortest},
                                                   {"smoothing", "Added to every count", &smoothing},
                                               })});
}

std::string NaiveBayesSettings::config() const {
  NaiveBayesSettings recorded = *this;
  return config_text(kTask, recorded.list());
}

NaiveBayesRun train_naive_bayes(const NaiveBayesSettings& settings, const RunDirectory& run) {
  const LabelledData data = read_labelled_data(settings.data);
  const auto begin = std::chrono::steady_clock::now();
  NaiveBayesClassifier classifier = count(settings, data.train);
  NaiveBayesRun result{.sequences = static_cast<Index>(data.train.sequences.size()),
                       .features = static_cast<Index>(classifier.model().tables().features.names().size()),
                       .valid = evaluate_classifier(classifier, data.valid),
                       .labels = data.valid.labels,
                       .remarks = data.remarks};
  run.begin();
  write_atomically(run.config(), settings.config());
  save_labelling_model(run.model(), classifier, {settings.data.reading.over({})});
  result.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  return result;
}

}  // namespace unfold
