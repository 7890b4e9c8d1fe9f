// The format `conllu` of Universal Dependencies: a word a line in ten columns, an empty line after each sentence.
// Ranges ("1-2", words written together), empty nodes ("1.1") and comments are no words and stay as they are.
#include <fmt/core.h>

#include <algorithm>
#include <array>

#include "base/text_distance.h"
#include "data/readers/lined_reader.h"
#include "unfold/error.h"

namespace unfold {
namespace {

constexpr std::size_t kColumns = 10;
constexpr std::size_t kForm = 1;
constexpr std::size_t kMisc = 9;
constexpr std::string_view kNothing = "_";

const std::vector<std::string> kNames = {"id",    "form", "lemma",  "upos", "xpos",
                                         "feats", "head", "deprel", "deps", "misc"};

std::size_t column_of(const std::string& name) {
  const auto found = std::find(kNames.begin() + kForm + 1, kNames.end(), name);
  if (found == kNames.end()) {
    throw UsageError(
        fmt::format("CoNLL-U has no column of labels '{}'{}; it has lemma, upos, xpos, feats, head, "
                    "deprel, deps and misc",
                    name, did_you_mean(name, kNames)));
  }
  return static_cast<std::size_t>(found - kNames.begin());
}

using Columns = std::array<std::string_view, kColumns>;

/// The columns of a line, nothing unless it has ten that are not empty.
std::optional<Columns> columns(std::string_view text) {
  Columns result;
  for (std::size_t column = 0, begin = 0; column < kColumns; ++column) {
    const std::size_t tab = text.find('\t', begin);
    if ((tab == std::string_view::npos) != (column + 1 == kColumns)) return std::nullopt;
    result[column] = text.substr(begin, tab - begin);
    if (result[column].empty()) return std::nullopt;
    begin = tab + 1;
  }
  return result;
}

bool is_comment(std::string_view text) { return text.starts_with('#'); }

/// True for a word's number, false for a range's or an empty node's.
bool is_word(std::string_view id) { return id.find_first_not_of("0123456789") == std::string_view::npos; }

bool is_id(std::string_view id) {
  return id.find_first_not_of("0123456789.-") == std::string_view::npos && id.find_first_of(".-") != 0;
}

/// The bytes of a line with one of its columns replaced.
std::string with_column(const std::string& bytes, const Columns& line, std::size_t column, std::string_view value) {
  const auto begin = static_cast<std::size_t>(line[column].data() - bytes.data());
  std::string changed = bytes;
  return changed.replace(begin, line[column].size(), value);
}

class Conllu final : public LinedReader {
 public:
  Conllu(Lines lines, const ReadOptions& options)
      : LinedReader(SequenceKind::kWords, std::move(lines), options),
        column_(column_of(options.label.empty() ? "upos" : options.label)) {}

  std::optional<Record> next() override {
    Record record;
    Sequence sequence;
    while (auto line = lines_.next()) {
      record.bytes += line->bytes;
      if (line->text().empty()) break;
      if (!is_comment(line->text())) add_word(*line, sequence);
    }
    if (record.bytes.empty()) return std::nullopt;
    if (!sequence.words.empty()) record.sequence = std::move(sequence);
    return record;
  }

  std::string rewritten(const Record& record, const Predictions& predictions) const override {
    Lines lines(record.bytes, "");
    std::string bytes;
    std::size_t step = 0;
    while (auto line = lines.next()) {
      const auto found = is_comment(line->text()) ? std::nullopt : columns(line->text());
      bytes += found && is_word((*found)[0]) ? word(line->bytes, *found, predictions, step++) : line->bytes;
    }
    return bytes;
  }

 private:
  void add_word(const Line& line, Sequence& sequence) {
    const auto found = columns(line.text());
    if (!found || !is_id((*found)[0])) {
      fail(line.number,
           "expected ten columns with tabs between them, none of them empty, the first one a word's number; "
           "or a comment, or an empty line");
    }
    if (!is_word((*found)[0])) return;
    if (sequence.words.empty()) sequence.line = line.number;
    sequence.words.push_back(utf8((*found)[kForm]));
    const std::string_view label = (*found)[column_];
    sequence.step_labels.push_back(label == kNothing ? Labels::kNone : labels_.add(utf8(label)));
  }

  /// A word's line with its label; with scores the label's probability stands in the last column, for remarks.
  std::string word(const std::string& bytes, const Columns& line, const Predictions& predictions,
                   std::size_t step) const {
    const Prediction& prediction = predictions.labels.at(step);
    std::string changed = bytes;
    if (predictions.with_scores && !prediction.scores.empty()) {
      const std::string score = fmt::format("Probability={:.6f}", prediction.scores.front().probability);
      const std::string before = line[kMisc] == kNothing ? "" : std::string(line[kMisc]) + "|";
      changed = with_column(bytes, line, kMisc, before + score);  // behind the label, which stays in its place
      if (column_ == kMisc) return with_column(bytes, line, kMisc, prediction.label + "|" + score);
    }
    const auto begin = static_cast<std::size_t>(line[column_].data() - bytes.data());
    return changed.replace(begin, line[column_].size(), prediction.label);
  }

  std::size_t column_;
};

}  // namespace

Reader read_conllu(Lines lines, const ReadOptions& options) {
  return std::make_unique<Conllu>(std::move(lines), options);
}

}  // namespace unfold
