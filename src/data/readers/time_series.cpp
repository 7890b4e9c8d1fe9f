// The format `ts` of the UCR and UEA archives (Bagnall et al. 2018; Loening et al. 2019): lines that begin with '@' say
// what the file holds; then a sequence on each line, channel after channel with ':' between them, its values with ','
// between them, '?' where one is missing, and the class last.
#include <fmt/core.h>

#include <algorithm>

#include "data/readers/fields.h"
#include "data/readers/lined_reader.h"

namespace unfold {
namespace {

std::vector<std::string_view> divided(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  for (std::size_t begin = 0;;) {
    const std::size_t end = text.find(separator, begin);
    parts.push_back(text.substr(begin, end - begin));
    if (end == std::string_view::npos) return parts;
    begin = end + 1;
  }
}

std::string lower(std::string_view text) {
  std::string result(text);
  for (char& character : result) {
    if (character >= 'A' && character <= 'Z') character = static_cast<char>(character - 'A' + 'a');
  }
  return result;
}

class TimeSeries final : public LinedReader {
 public:
  TimeSeries(Lines lines, const ReadOptions& options)
      : LinedReader(SequenceKind::kVectors, std::move(lines), options) {}

  std::optional<Record> next() override {
    auto line = lines_.next();
    if (!line) return std::nullopt;
    Record record{line->bytes, {}};
    const std::string_view text = trimmed(line->text());
    if (text.empty() || text.starts_with('#')) return record;
    if (text.starts_with('@')) {
      read_statement(text.substr(1), line->number);
    } else {
      record.sequence = read_case(text, line->number);
    }
    return record;
  }

  /// Scores stand in a comment before the line: the format has no other place for them.
  std::string rewritten(const Record& record, const Predictions& predictions) const override {
    if (!record.sequence) return record.bytes;
    const Prediction& prediction = predictions.labels.at(0);
    const std::string_view text = without_end(record.bytes);
    const std::size_t colon = record.bytes.find_last_of(':');
    const std::string end = record.bytes.substr(text.size());
    const std::string before = predictions.with_scores ? "# " + scores_text(prediction) + "\n" : "";
    const std::string_view values = classes_ ? text.substr(0, colon) : text;
    return fmt::format("{}{}:{}{}", before, values, prediction.label, end);
  }

 private:
  void read_statement(std::string_view statement, Index line) {
    const std::size_t space = std::min(statement.find_first_of(" \t"), statement.size());
    const std::string name = lower(statement.substr(0, space));
    const std::string_view value = trimmed(statement.substr(space));
    if (data_) fail(line, fmt::format("@{} stands behind @data", name));
    if (name == "data") data_ = true;
    if (name == "timestamps" && lower(value) == "true") fail(line, "values with time stamps cannot be read");
    if (name == "targetlabel" && lower(value) == "true") fail(line, "targets that are numbers cannot be read");
    if (name == "dimensions") dimensions_ = read_count(value, line);
    if (name == "univariate" && lower(value) == "true") dimensions_ = 1;
    if (name == "classlabel") read_classes(value, line);
  }

  Index read_count(std::string_view value, Index line) const {
    const auto count = read_number(value);
    if (!count || !(*count >= 1 && *count <= 1e6F)) fail(line, "expected the number of dimensions, at least 1");
    return static_cast<Index>(*count);
  }

  void read_classes(std::string_view value, Index line) {
    bool first = true;
    for (const std::string_view word : divided(value, ' ')) {
      if (word.empty()) continue;
      if (std::exchange(first, false)) {
        classes_ = lower(word) == "true";
        declares_labels_ = classes_;
      } else if (classes_) {
        const Index known = labels_.size();
        if (labels_.add(utf8(word)) < known) fail(line, fmt::format("the class '{}' is declared twice", word));
      }
    }
  }

  Sequence read_case(std::string_view text, Index line) {
    if (!data_) fail(line, "expected @data before the first sequence");
    std::vector<std::string_view> channels = divided(text, ':');
    Sequence sequence;
    sequence.line = line;
    if (classes_) {
      sequence.label = read_class(trimmed(channels.back()), line);
      channels.pop_back();
    } else if (options_.labelled) {
      fail(line, "the file has no classes: expected '@classLabel true' and a class at the end of each line");
    }
    if (dimensions_ == 0) dimensions_ = static_cast<Index>(channels.size());
    if (static_cast<Index>(channels.size()) != dimensions_ || channels.empty()) {
      fail(line, fmt::format("expected {} channels with ':' between them{}, found {}", dimensions_,
                             classes_ ? " and the class behind" : "", channels.size()));
    }
    sequence.values = read_channels(channels, line);
    return sequence;
  }

  std::int32_t read_class(std::string_view name, Index line) {
    if (name == "?") return Labels::kNone;  // to be predicted
    const auto known = labels_.find(name);
    if (!known) fail(line, fmt::format("the class '{}' is not one of those that @classLabel declares", name));
    return *known;
  }

  /// [T, I] from I channels of T values.
  Tensor read_channels(const std::vector<std::string_view>& channels, Index line) const {
    const auto width = static_cast<Index>(channels.size());
    Index steps = -1;
    Tensor values;
    for (Index channel = 0; channel < width; ++channel) {
      const std::vector<std::string_view> texts = divided(channels[static_cast<std::size_t>(channel)], ',');
      const auto length = static_cast<Index>(texts.size());
      if (steps < 0) values = Tensor({steps = length, width});
      if (length != steps) {
        fail(line, fmt::format("channel {} has {} values, channel 1 has {}", channel + 1, length, steps));
      }
      for (Index step = 0; step < steps; ++step) {
        values[step * width + channel] = number(texts[static_cast<std::size_t>(step)], line,
                                                fmt::format("channel {}, value {}", channel + 1, step + 1));
      }
    }
    return values;
  }

  bool data_ = false;
  bool classes_ = false;
  Index dimensions_ = 0;  // 0: not declared
};

}  // namespace

Reader read_time_series(Lines lines, const ReadOptions& options) {
  return std::make_unique<TimeSeries>(std::move(lines), options);
}

}  // namespace unfold
