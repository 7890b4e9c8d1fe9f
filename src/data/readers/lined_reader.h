// What the readers of formats made of lines have in common.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "data/readers/lines.h"
#include "unfold/sequence_reader.h"

namespace unfold {

class LinedReader : public SequenceReader {
 public:
  LinedReader(SequenceKind kind, Lines lines, ReadOptions options)
      : SequenceReader(kind), lines_(std::move(lines)), options_(std::move(options)) {}

 protected:
  /// The bytes as UTF-8; counts what had to be read as Windows-1252.
  std::string utf8(std::string_view bytes);
  /// The number that a text holds, NaN for a missing value; any other text is an error in `line`, which `what` begins.
  float number(std::string_view text, Index line, std::string_view what) const;
  [[noreturn]] void fail(Index line, const std::string& message) const { lines_.fail(line, message); }

  Lines lines_;
  ReadOptions options_;
};

/// "pos=0.930000,neg=0.070000".
std::string scores_text(const Prediction& prediction);
/// The labels, each with its scores behind it if there are any, with spaces between them.
std::string joined_text(const Predictions& predictions);

/// The values [T, I] of T rows that each have I numbers, row after row.
Tensor matrix(const std::vector<float>& values, Index width);

// The formats; see read_sequences. Each is one file of this folder.
using Reader = std::unique_ptr<SequenceReader>;
Reader read_labelled_lines(Lines lines, const ReadOptions& options);
Reader read_plain_lines(Lines lines, const ReadOptions& options);
Reader read_label_folder(const std::string& folder, const ReadOptions& options);
Reader read_table(Lines lines, const ReadOptions& options, char separator);
Reader read_long_table(Lines lines, const ReadOptions& options, char separator);
Reader read_json_lines(Lines lines, const ReadOptions& options);
Reader read_conllu(Lines lines, const ReadOptions& options);
Reader read_time_series(Lines lines, const ReadOptions& options);
Reader read_piano_roll(const std::string& content, const std::string& name);
/// `labels` are the bytes of the file of labels, called `labels_name`; nothing where there is none.
Reader read_idx(const std::string& content, const std::string& name, const std::optional<std::string>& labels,
                const std::string& labels_name, const ReadOptions& options);

}  // namespace unfold
