// Files of sequences, read piece by piece and written again with labels.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "unfold/sequences.h"

namespace unfold {

/// A piece of a file. The bytes of all pieces in order are the file.
struct Record {
  std::string bytes;
  std::optional<Sequence> sequence;  // nothing for headers, comments, empty lines
};

/// What a model says of a sequence, or of one of its steps.
struct Prediction {
  struct Score {
    std::string label;
    double probability = 0;
  };
  std::string label;
  /// Every label with its probability, the most probable first; empty where they are not asked for.
  std::vector<Score> scores = {};
};

struct Predictions {
  std::vector<Prediction> labels;  // one, or one a step
  bool of_steps = false;
  bool with_scores = false;
};

/// Reads one format. A sequence is returned as soon as its last byte is there, so that standard input is answered
/// without delay.
class SequenceReader {
 public:
  explicit SequenceReader(SequenceKind kind) : kind_(kind) {}
  virtual ~SequenceReader() = default;

  SequenceKind kind() const { return kind_; }
  /// One of sequence_formats(); empty for a folder of texts.
  const std::string& format() const { return format_; }
  /// Those met so far; `next` adds to them.
  const Labels& labels() const { return labels_; }
  /// True if the file itself declares its labels, in their order.
  bool declares_labels() const { return declares_labels_; }
  const std::vector<std::string>& features() const { return features_; }
  Index windows_1252_lines() const { return windows_1252_lines_; }

  /// The next piece, nothing at the end. Throws InputError, naming file and line.
  virtual std::optional<Record> next() = 0;

  /// The piece with its label, or those of its steps, as predicted. Every other byte stays as it was; a place is made
  /// for labels and scores where the format has none. A piece without a sequence has no predictions, but may be a
  /// header that has to name them. A format that is not text (images) gives the labels alone.
  virtual std::string rewritten(const Record& record, const Predictions& predictions) const = 0;

 protected:
  friend std::unique_ptr<SequenceReader> of_format(std::unique_ptr<SequenceReader> reader, std::string format);

  SequenceKind kind_;
  std::string format_;
  Labels labels_;
  bool declares_labels_ = false;
  std::vector<std::string> features_;
  Index windows_1252_lines_ = 0;
};

/// Opens a file, or the standard input, as `read_sequences` does.
std::unique_ptr<SequenceReader> open_sequences(const std::string& file, const ReadOptions& options = {});

/// The same from memory; `name` is for messages and for finding the format.
std::unique_ptr<SequenceReader> read_sequences_of(std::string content, const std::string& name,
                                                  const ReadOptions& options = {});

}  // namespace unfold
