// The format `text`: a text on each line, without a label; and folders of such files, each named by their label.
#include <filesystem>

#include "base/file.h"
#include "data/readers/fields.h"
#include "data/readers/lined_reader.h"
#include "unfold/error.h"
#include "unfold/text.h"

namespace unfold {
namespace {

class PlainLines : public LinedReader {
 public:
  PlainLines(Lines lines, const ReadOptions& options) : LinedReader(SequenceKind::kText, std::move(lines), options) {}

  std::optional<Record> next() override {
    std::optional<Line> line = lines_.next();
    if (!line) return std::nullopt;
    Record record{std::move(line->bytes), {}};
    const std::string_view text = trimmed(without_end(record.bytes));
    if (text.empty()) return record;
    Sequence sequence;
    sequence.text = utf8(text);
    sequence.line = line->number;
    record.sequence = std::move(sequence);
    return record;
  }

  /// "LABEL TEXT", which the format label-text reads; of steps their labels alone.
  std::string rewritten(const Record& record, const Predictions& predictions) const override {
    if (!record.sequence) return record.bytes;
    return joined_text(predictions) + (predictions.of_steps ? "\n" : " " + record.bytes);
  }
};

class LabelFolder final : public PlainLines {
 public:
  LabelFolder(std::vector<std::string> files, const ReadOptions& options)
      : PlainLines(Lines("", ""), options), files_(std::move(files)) {}

  std::optional<Record> next() override {
    for (;;) {
      if (std::optional<Record> record = PlainLines::next()) {
        if (record->sequence) record->sequence->label = label_;
        return record;
      }
      if (used_ == files_.size()) return std::nullopt;
      const std::filesystem::path file = files_[used_++];
      lines_ = Lines(read_file(file), file.string());
      label_ = labels_.add(file.stem().string());
    }
  }

 private:
  std::vector<std::string> files_;
  std::size_t used_ = 0;
  std::int32_t label_ = Labels::kNone;
};

}  // namespace

Reader read_plain_lines(Lines lines, const ReadOptions& options) {
  return std::make_unique<PlainLines>(std::move(lines), options);
}

Reader read_label_folder(const std::string& folder, const ReadOptions& options) {
  return std::make_unique<LabelFolder>(text_files(std::vector{folder}), options);
}

}  // namespace unfold
