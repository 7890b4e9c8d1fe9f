// The format `jsonl`: an object on each line, with a text, an array of words, or an array of numbers or of arrays of
// numbers, and a label or an array of the steps' labels.
#include <fmt/core.h>

#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>

#include "data/readers/fields.h"
#include "data/readers/json_members.h"
#include "data/readers/lined_reader.h"
#include "unfold/error.h"

namespace unfold {
namespace {

using nlohmann::json;

constexpr const char* kScores = "scores";

std::string json_text(const std::string& text) {
  return json(text).dump(-1, ' ', false, json::error_handler_t::replace);
}

std::string scores_json(const Prediction& prediction) {
  std::string text;
  for (const Prediction::Score& score : prediction.scores) {
    text += fmt::format("{}{}: {:.6f}", text.empty() ? "" : ", ", json_text(score.label), score.probability);
  }
  return "{" + text + "}";
}

/// "a" for one label, "[a, b]" for those of steps.
template <class Text>
std::string one_or_list(const Predictions& predictions, const Text& text) {
  if (!predictions.of_steps) return text(predictions.labels.at(0));
  std::string list;
  for (const Prediction& prediction : predictions.labels) list += (list.empty() ? "" : ", ") + text(prediction);
  return "[" + list + "]";
}

class JsonLines final : public LinedReader {
 public:
  JsonLines(Lines lines, const ReadOptions& options)
      : LinedReader(SequenceKind::kText, std::move(lines), options),
        label_(options.label.empty() ? "label" : options.label) {
    if (options.values.size() > 1) {
      throw UsageError(
          fmt::format("JSON Lines have their numbers under one key; --values names {}", options.values.size()));
    }
    if (!options.text.empty()) inputs_ = {options.text};
    if (!options.values.empty()) inputs_ = {options.values[0]};
  }

  std::optional<Record> next() override {
    auto line = lines_.next();
    if (!line) return std::nullopt;
    Record record{line->bytes, {}};
    if (trimmed(line->text()).empty()) return record;
    const json object = parse(*line);
    Sequence sequence;
    sequence.line = line->number;
    read_input(object, *line, sequence);
    read_label(object, *line, sequence);
    record.sequence = std::move(sequence);
    return record;
  }

  std::string rewritten(const Record& record, const Predictions& predictions) const override {
    if (!record.sequence) return record.bytes;
    const std::string_view object = without_end(record.bytes);
    const auto label = [](const Prediction& prediction) { return json_text(prediction.label); };
    std::string changed = with_member(object, label_, one_or_list(predictions, label));
    if (predictions.with_scores) changed = with_member(changed, kScores, one_or_list(predictions, scores_json));
    return changed + record.bytes.substr(object.size());
  }

 private:
  json parse(const Line& line) const {
    try {
      json object = json::parse(line.text());
      if (object.is_object()) return object;
    } catch (const json::exception& error) {
      fail(line.number, fmt::format("not JSON: {}", error.what()));
    }
    fail(line.number, "expected a JSON object on each line");
  }

  void read_input(const json& object, const Line& line, Sequence& sequence) {
    for (const std::string& key : inputs_) {
      const auto found = object.find(key);
      if (found == object.end()) continue;
      const SequenceKind kind = read_value(*found, key, line, sequence);
      if (std::exchange(any_, true) && kind != kind_) {
        fail(line.number, fmt::format("'{}' is of another kind than in the lines before", key));
      }
      kind_ = kind;
      return;
    }
    std::string names;
    for (const std::string& key : inputs_) names += fmt::format("{}'{}'", names.empty() ? "" : " or ", key);
    fail(line.number, fmt::format("expected a member {}; name another one with --text or --values", names));
  }

  SequenceKind read_value(const json& value, const std::string& key, const Line& line, Sequence& sequence) {
    if (value.is_string()) {
      sequence.text = value.get<std::string>();
      return SequenceKind::kText;
    }
    if (!value.is_array()) fail(line.number, fmt::format("'{}': expected a text or an array", key));
    if (value.empty() ? kind_ == SequenceKind::kWords : value[0].is_string()) {
      for (const json& word : value) {
        if (!word.is_string()) fail(line.number, fmt::format("'{}': expected an array of texts", key));
        sequence.words.push_back(word.get<std::string>());
      }
      return SequenceKind::kWords;
    }
    sequence.values = read_vectors(value, key, line);
    return SequenceKind::kVectors;
  }

  Tensor read_vectors(const json& steps, const std::string& key, const Line& line) {
    std::vector<float> numbers;
    for (const json& step : steps) {
      const bool vector = step.is_array();
      const Index width = vector ? static_cast<Index>(step.size()) : 1;
      if (width_ == 0) width_ = width;
      if (width == 0 || width != width_) {
        fail(line.number, fmt::format("'{}': expected {} numbers at every step, found {}", key, width_, width));
      }
      if (!vector) numbers.push_back(read_element(step, key, line));
      for (Index i = 0; vector && i < width; ++i) {
        numbers.push_back(read_element(step[static_cast<std::size_t>(i)], key, line));
      }
    }
    return matrix(numbers, std::max<Index>(width_, 1));
  }

  float read_element(const json& value, const std::string& key, const Line& line) const {
    if (value.is_null()) return std::numeric_limits<float>::quiet_NaN();
    const float narrow = value.is_number() ? static_cast<float>(value.get<double>()) : INFINITY;
    if (!std::isfinite(narrow))
      fail(line.number, fmt::format("'{}': expected a number, or null for a missing one", key));
    return narrow;
  }

  void read_label(const json& object, const Line& line, Sequence& sequence) {
    const auto found = object.find(label_);
    if (found == object.end()) {
      if (options_.labelled) fail(line.number, fmt::format("expected a member '{}', the label", label_));
      return;
    }
    if (!found->is_array()) {
      sequence.label = label_of(*found, line);
      return;
    }
    for (const json& label : *found) sequence.step_labels.push_back(label_of(label, line));
    if (kind_ != SequenceKind::kText && steps_of(sequence, kind_) != static_cast<Index>(found->size())) {
      fail(line.number,
           fmt::format("'{}' has {} labels for {} steps", label_, found->size(), steps_of(sequence, kind_)));
    }
  }

  std::int32_t label_of(const json& value, const Line& line) {
    if (value.is_null()) return Labels::kNone;
    if (value.is_string()) return labels_.add(value.get<std::string>());
    if (value.is_number() || value.is_boolean()) return labels_.add(value.dump());
    fail(line.number, fmt::format("'{}': expected a text or a number as label", label_));
  }

  std::string label_;
  std::vector<std::string> inputs_ = {"text", "tokens", "values"};
  bool any_ = false;
  Index width_ = 0;
};

}  // namespace

Reader read_json_lines(Lines lines, const ReadOptions& options) {
  return std::make_unique<JsonLines>(std::move(lines), options);
}

}  // namespace unfold
