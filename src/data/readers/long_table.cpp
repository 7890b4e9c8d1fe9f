// The format `long`: a table whose rows are steps. Those of a sequence stand together and have its name in one column;
// numbers, and a label of the step or of the whole sequence, in others.
#include <fmt/core.h>

#include <algorithm>
#include <unordered_set>

#include "data/readers/columns.h"
#include "data/readers/fields.h"
#include "data/readers/lined_reader.h"

namespace unfold {
namespace {

constexpr const char* kLabel = "label";
constexpr const char* kScores = "scores";

class LongTable final : public LinedReader {
 public:
  LongTable(Lines lines, const ReadOptions& options, char separator)
      : LinedReader(SequenceKind::kVectors, std::move(lines), options),
        separator_(separator),
        columns_(lines_, separator),
        sequence_(columns_.expect(options.sequence, "the sequence that a row belongs to")),
        time_(columns_.find(options.time)),
        label_name_(options.label.empty() ? kLabel : options.label),
        label_(columns_.find(label_name_)) {
    if (!label_ && (options.labelled || !options.label.empty())) columns_.expect(label_name_, "the label");
    values_ = columns_.chosen(options.values, {sequence_, time_, label_, columns_.find(kScores)});
    features_ = columns_.names_of(values_);
  }

  std::optional<Record> next() override {
    if (!std::exchange(header_read_, true)) return Record{columns_.header().bytes, {}};
    std::optional<FieldRecord> row = take_row();
    if (!row) return std::nullopt;
    Record record{row->bytes, {}};
    if (row->fields.empty()) return record;
    const std::string name = row->fields[sequence_].value;
    if (!seen_.insert(name).second) {
      fail(row->line, fmt::format("sequence '{}' goes on after another one began; sort the rows", name));
    }
    Sequence sequence;
    sequence.line = row->line;
    sequence.name = name;
    std::vector<float> numbers;
    std::optional<double> time;
    add_step(*row, sequence, numbers, time);
    while ((row = take_row())) {
      if (row->fields.empty()) {
        record.bytes += row->bytes;
        continue;
      }
      if (row->fields[sequence_].value != name) break;
      add_step(*row, sequence, numbers, time);
      record.bytes += row->bytes;
    }
    waiting_ = std::move(row);
    sequence.values = matrix(numbers, static_cast<Index>(values_.size()));
    label_whole(sequence);
    record.sequence = std::move(sequence);
    return record;
  }

  std::string rewritten(const Record& record, const Predictions& predictions) const override {
    Lines lines(record.bytes, "");
    std::string bytes;
    for (std::size_t step = 0; auto row = next_fields(lines, separator_); ++step) {
      if (row->fields.empty()) {
        bytes += row->bytes;
        continue;
      }
      const Prediction header{label_name_};
      const Prediction& prediction = record.sequence ? predictions.labels.at(predictions.of_steps ? step : 0) : header;
      if (predictions.with_scores) {
        const std::string scores = record.sequence ? scores_text(prediction) : kScores;
        row->bytes.insert(row->fields.back().end, separator_ + field_text(scores, separator_));
      }
      const bool has_place = !record.sequence && label_;
      bytes +=
          has_place ? row->bytes : with_field(*row, label_.value_or(columns_.size()), prediction.label, separator_);
    }
    return bytes;
  }

 private:
  std::optional<FieldRecord> take_row() {
    if (waiting_) return std::exchange(waiting_, std::nullopt);
    auto row = next_fields(lines_, separator_);
    if (row && !row->fields.empty()) columns_.expect_fields(*row);
    return row;
  }

  void add_step(const FieldRecord& row, Sequence& sequence, std::vector<float>& numbers, std::optional<double>& time) {
    for (const std::size_t column : values_) {
      numbers.push_back(number(row.fields[column].value, row.line, "column '" + columns_.name(column) + "'"));
    }
    if (label_) {
      bool ignored = false;
      const std::string name = read_utf8(trimmed(row.fields[*label_].value), ignored);
      sequence.step_labels.push_back(name.empty() ? Labels::kNone : labels_.add(name));
    }
    if (time_) expect_later(row, time);
  }

  /// Times that are numbers must not fall; dates and other names are taken in the order in which they stand.
  void expect_later(const FieldRecord& row, std::optional<double>& time) const {
    const auto now = read_number(row.fields[*time_].value);
    if (now && time && *now < *time) {
      fail(row.line, fmt::format("time {} comes after {} in the same sequence; sort the rows", *now, *time));
    }
    if (now) time = *now;
  }

  /// A label that all steps have is that of the sequence, too.
  static void label_whole(Sequence& sequence) {
    const std::vector<std::int32_t>& labels = sequence.step_labels;
    const bool same = std::adjacent_find(labels.begin(), labels.end(), std::not_equal_to<>()) == labels.end();
    if (!labels.empty() && same) sequence.label = labels.front();
  }

  char separator_;
  Columns columns_;
  std::size_t sequence_;
  std::optional<std::size_t> time_;
  std::string label_name_;
  std::optional<std::size_t> label_;
  std::vector<std::size_t> values_;
  std::unordered_set<std::string> seen_;  // sequences
  std::optional<FieldRecord> waiting_;    // the first row of the next sequence
  bool header_read_ = false;
};

}  // namespace

Reader read_long_table(Lines lines, const ReadOptions& options, char separator) {
  return std::make_unique<LongTable>(std::move(lines), options, separator);
}

}  // namespace unfold
