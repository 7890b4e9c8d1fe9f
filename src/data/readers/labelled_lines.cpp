// The format `label-text`: a label, white space, and a text on each line.
#include "data/readers/fields.h"
#include "data/readers/lined_reader.h"

namespace unfold {
namespace {

constexpr std::string_view kSpace = " \t";

class LabelledLines final : public LinedReader {
 public:
  LabelledLines(Lines lines, const ReadOptions& options)
      : LinedReader(SequenceKind::kText, std::move(lines), options) {}

  std::optional<Record> next() override {
    std::optional<Line> line = lines_.next();
    if (!line) return std::nullopt;
    Record record{std::move(line->bytes), {}};
    const std::string_view text = without_end(record.bytes);
    if (trimmed(text).empty()) return record;
    const std::size_t end = text.find_first_of(kSpace);
    const std::string_view rest = end == 0 || end == std::string_view::npos ? "" : trimmed(text.substr(end));
    if (rest.empty()) fail(line->number, "expected a label, a space and a text");
    Sequence sequence;
    sequence.text = utf8(rest);
    bool ignored = false;
    sequence.label = labels_.add(read_utf8(text.substr(0, end), ignored));
    sequence.line = line->number;
    record.sequence = std::move(sequence);
    return record;
  }

  std::string rewritten(const Record& record, const Predictions& predictions) const override {
    if (!record.sequence) return record.bytes;
    return joined_text(predictions) + record.bytes.substr(record.bytes.find_first_of(kSpace));
  }
};

}  // namespace

Reader read_labelled_lines(Lines lines, const ReadOptions& options) {
  return std::make_unique<LabelledLines>(std::move(lines), options);
}

}  // namespace unfold
