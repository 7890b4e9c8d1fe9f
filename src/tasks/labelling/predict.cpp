#include "tasks/labelling/predict.h"

#include <fmt/core.h>

#include <algorithm>
#include <numeric>

#include "unfold/error.h"
#include "unfold/sequence_reader.h"

namespace unfold {
namespace {

constexpr const char* kStandardInput = "-";
constexpr std::size_t kAtOnce = 256;  // sequences of a file

/// The label `best`, and with scores every label of a row of probabilities.
Prediction prediction_of(const Labels& labels, std::span<const double> row, std::int32_t best, bool with_scores) {
  Prediction prediction{.label = labels.name(best), .scores = {}};
  if (!with_scores) return prediction;
  std::vector<std::size_t> order(row.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return row[a] > row[b]; });
  for (const std::size_t label : order) {
    prediction.scores.push_back({labels.name(static_cast<std::int32_t>(label)), row[label]});
  }
  return prediction;
}

std::vector<Predictions> classify(SequenceClassifier& model, std::span<const Sequence* const> sequences,
                                  SequenceKind kind, bool with_scores) {
  const std::vector<double> rows = model.probabilities(sequences, kind);
  const auto K = static_cast<std::size_t>(model.labels().size());
  std::vector<Predictions> all;
  for (std::size_t i = 0; i < sequences.size(); ++i) {
    const std::span<const double> row = std::span(rows).subspan(i * K, K);
    const auto best = static_cast<std::int32_t>(std::max_element(row.begin(), row.end()) - row.begin());
    all.push_back({.labels = {prediction_of(model.labels(), row, best, with_scores)},
                   .of_steps = false,
                   .with_scores = with_scores});
  }
  return all;
}

std::vector<Predictions> tag(SequenceTagger& model, std::span<const Sequence* const> sequences, SequenceKind kind,
                             bool with_scores) {
  const auto K = static_cast<std::size_t>(model.labels().size());
  std::vector<Predictions> all;
  for (const Tagging& tagging : model.tag(sequences, kind, with_scores)) {
    Predictions predictions{.labels = {}, .of_steps = true, .with_scores = with_scores};
    for (std::size_t t = 0; t < tagging.tags.size(); ++t) {
      const auto row = with_scores ? std::span(tagging.probabilities).subspan(t * K, K) : std::span<const double>();
      predictions.labels.push_back(prediction_of(model.labels(), row, tagging.tags[t], with_scores));
    }
    all.push_back(std::move(predictions));
  }
  return all;
}

std::vector<Predictions> predict(LoadedLabellingModel& model, const std::string& file,
                                 std::span<const Sequence* const> sequences, SequenceKind kind, bool with_scores) {
  if (sequences.empty()) return {};
  try {
    if (auto* classifier = std::get_if<std::unique_ptr<SequenceClassifier>>(&model.model)) {
      return classify(**classifier, sequences, kind, with_scores);
    }
    return tag(*std::get<std::unique_ptr<SequenceTagger>>(model.model), sequences, kind, with_scores);
  } catch (const InputError& error) {
    throw InputError(fmt::format("{}: {}", file == kStandardInput ? "standard input" : file, error.what()));
  }
}

}  // namespace

void predict_labels(LoadedLabellingModel& model, const std::string& file, ReadOptions reading, bool with_scores,
                    const std::function<void(std::string_view)>& write) {
  const bool at_once = file == kStandardInput;
  if (at_once && reading.format.empty()) reading.format = "text";
  const std::unique_ptr<SequenceReader> reader = open_sequences(file, reading);
  std::vector<Record> waiting;
  const auto flush = [&] {
    std::vector<const Sequence*> sequences;
    for (const Record& record : waiting) {
      if (record.sequence) sequences.push_back(&*record.sequence);
    }
    const std::vector<Predictions> all = predict(model, file, sequences, reader->kind(), with_scores);
    std::size_t used = 0;
    const Predictions none{.labels = {}, .of_steps = false, .with_scores = with_scores};
    for (const Record& record : waiting) write(reader->rewritten(record, record.sequence ? all[used++] : none));
    waiting.clear();
  };
  while (std::optional<Record> record = reader->next()) {
    waiting.push_back(std::move(*record));
    if (at_once || waiting.size() == kAtOnce) flush();
  }
  flush();
}

}  // namespace unfold
