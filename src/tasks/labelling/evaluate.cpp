#include "tasks/labelling/evaluate.h"

#include <fmt/format.h>

#include <algorithm>

#include "tasks/labelling/data.h"
#include "unfold/error.h"

namespace unfold {
namespace {

// Sequences that a model is given at once; it divides them into batches itself.
constexpr std::size_t kAtOnce = 1024;

/// Calls use(sequences) with those that have a label, some at a time.
template <class IsLabelled, class Use>
void for_labelled(const SequenceData& data, const IsLabelled& is_labelled, const Use& use) {
  std::vector<const Sequence*> some;
  const auto flush = [&] {
    if (!some.empty()) use(some);
    some.clear();
  };
  for (const Sequence& sequence : data.sequences) {
    if (is_labelled(sequence)) some.push_back(&sequence);
    if (some.size() == kAtOnce) flush();
  }
  flush();
}

std::vector<bool> known_steps(const SequenceTagger& model, const Sequence& sequence, SequenceKind kind) {
  if (kind == SequenceKind::kVectors) return std::vector<bool>(sequence.step_labels.size(), true);
  std::vector<bool> known;
  for (const std::string& word : words_of(sequence, kind)) known.push_back(model.knows(word));
  return known;
}

/// Labels of the data that are not the model's are wrong, but if all are, it is the wrong data.
void expect_known(const Confusion& confusion, const Labels& labels, const char* what) {
  if (confusion.total() == 0) throw InputError(fmt::format("no {} has a label to compare with", what));
  for (Index label = 0; label < labels.size(); ++label) {
    if (confusion.of(label).occurs > 0) return;
  }
  const std::span<const std::string> shown = labels.names().first(std::min<std::size_t>(labels.names().size(), 5));
  throw InputError(fmt::format("no {} has a label that the model knows: those are {}{}", what, fmt::join(shown, ", "),
                               shown.size() < labels.names().size() ? ", ..." : ""));
}

}  // namespace

ClassificationMetrics evaluate_classifier(SequenceClassifier& model, const SequenceData& data) {
  ClassificationMetrics metrics(data.labels.size());
  const auto K = static_cast<std::size_t>(model.labels().size());
  const auto labelled = [](const Sequence& sequence) { return sequence.label != Labels::kNone; };
  for_labelled(data, labelled, [&](const std::vector<const Sequence*>& sequences) {
    const std::vector<double> rows = model.probabilities(sequences, data.kind);
    for (std::size_t i = 0; i < sequences.size(); ++i) {
      metrics.add(sequences[i]->label, std::span(rows).subspan(i * K, K));
    }
  });
  expect_known(metrics.confusion, model.labels(), "sequence");
  return metrics;
}

TaggingMetrics evaluate_tagger(SequenceTagger& model, const SequenceData& data) {
  TaggingMetrics metrics(data.labels.size());
  const auto labelled = [](const Sequence& sequence) { return !sequence.step_labels.empty(); };
  for_labelled(data, labelled, [&](const std::vector<const Sequence*>& sequences) {
    const std::vector<Tagging> taggings = model.tag(sequences, data.kind, true);
    for (std::size_t i = 0; i < sequences.size(); ++i) {
      metrics.add(sequences[i]->step_labels, taggings[i].tags, taggings[i].probabilities,
                  known_steps(model, *sequences[i], data.kind));
    }
  });
  expect_known(metrics.confusion, model.labels(), "step");
  return metrics;
}

LabellingEvaluation evaluate_labelling(LoadedLabellingModel& model, const std::vector<std::string>& files,
                                       const ReadOptions& reading) {
  const SequenceData data = read_files(files, reading, model.labels());
  const auto named = [&](const auto& measure) {
    try {
      return LabellingEvaluation{measure(), data.labels};
    } catch (const InputError& error) {
      throw InputError(fmt::format("{}: {}", fmt::join(files, " "), error.what()));
    }
  };
  if (auto* classifier = std::get_if<std::unique_ptr<SequenceClassifier>>(&model.model)) {
    return named([&] { return evaluate_classifier(**classifier, data); });
  }
  return named([&] { return evaluate_tagger(*std::get<std::unique_ptr<SequenceTagger>>(model.model), data); });
}

}  // namespace unfold
