// The formats `csv` and `tsv`: a header, then a sequence in each row: its text in one column, or its T numbers, one
// step each, in T columns.
#include <fmt/core.h>

#include "data/readers/columns.h"
#include "data/readers/fields.h"
#include "data/readers/lined_reader.h"
#include "unfold/error.h"

namespace unfold {
namespace {

constexpr const char* kLabel = "label";
constexpr const char* kText = "text";
constexpr const char* kScores = "scores";

class Table final : public LinedReader {
 public:
  Table(Lines lines, const ReadOptions& options, char separator)
      : LinedReader(SequenceKind::kText, std::move(lines), options),
        separator_(separator),
        columns_(lines_, separator) {
    const std::string label = options.label.empty() ? kLabel : options.label;
    label_ = columns_.find(label);
    if (!label_ && (options.labelled || !options.label.empty())) columns_.expect(label, "the label");
    label_name_ = label;
    if (options.values.empty()) text_ = columns_.find(options.text.empty() ? kText : options.text);
    if (!text_ && !options.text.empty()) columns_.expect(options.text, "the text");
    if (text_) return;
    kind_ = SequenceKind::kVectors;
    values_ = columns_.chosen(options.values, {label_, columns_.find(kScores)});
  }

  std::optional<Record> next() override {
    if (!std::exchange(header_read_, true)) return Record{columns_.header().bytes, {}};
    const auto record = next_fields(lines_, separator_);
    if (!record) return std::nullopt;
    if (record->fields.empty()) return Record{record->bytes, {}};
    columns_.expect_fields(*record);
    Sequence sequence;
    sequence.line = record->line;
    if (text_) {
      sequence.text = utf8(record->fields[*text_].value);
    } else {
      sequence.values = values(*record);
    }
    if (label_) sequence.label = label(record->fields[*label_].value);
    return Record{record->bytes, std::move(sequence)};
  }

  std::string rewritten(const Record& record, const Predictions& predictions) const override {
    Lines lines(record.bytes, "");
    const auto parsed = next_fields(lines, separator_);
    if (!parsed || parsed->fields.empty()) return record.bytes;
    const std::size_t place = label_.value_or(columns_.size());
    const Prediction header{label_name_};
    const Prediction& prediction = record.sequence ? predictions.labels.at(0) : header;
    FieldRecord changed = *parsed;
    if (predictions.with_scores) {  // behind the label's column, so first
      const std::string scores = record.sequence ? scores_text(prediction) : kScores;
      changed.bytes.insert(changed.fields.back().end, separator_ + field_text(scores, separator_));
    }
    if (!record.sequence && label_) return changed.bytes;
    return with_field(changed, place, prediction.label, separator_);
  }

 private:
  std::int32_t label(const std::string& value) {
    bool ignored = false;
    const std::string name = read_utf8(trimmed(value), ignored);
    return name.empty() ? Labels::kNone : labels_.add(name);
  }

  Tensor values(const FieldRecord& record) const {
    std::vector<float> numbers;
    for (const std::size_t column : values_) {
      numbers.push_back(number(record.fields[column].value, record.line, "column '" + columns_.name(column) + "'"));
    }
    return matrix(numbers, 1);
  }

  char separator_;
  Columns columns_;
  std::optional<std::size_t> label_;
  std::optional<std::size_t> text_;
  std::vector<std::size_t> values_;
  std::string label_name_;
  bool header_read_ = false;
};

}  // namespace

Reader read_table(Lines lines, const ReadOptions& options, char separator) {
  return std::make_unique<Table>(std::move(lines), options, separator);
}

}  // namespace unfold
