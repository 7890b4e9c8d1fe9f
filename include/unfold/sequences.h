// Sequences with labels in memory: what classification, tagging and per-step prediction read, whatever file they came
// from.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "unfold/labels.h"
#include "unfold/tensor.h"

namespace unfold {

/// What the sequences of a file are made of.
enum class SequenceKind : std::uint8_t {
  kText,     // a text that the model divides itself, into bytes, characters, words or pieces
  kWords,    // words, as the file divides them
  kVectors,  // a vector of I numbers at each of T steps
};

/// One sequence; of `text`, `words` and `values` it has the one that its SequenceKind says.
struct Sequence {
  std::string text;                // UTF-8, as it stands in the file
  std::vector<std::string> words;  // [T], UTF-8
  Tensor values;                   // [T, I]; NaN where a value is missing
  /// Of the whole sequence, an id of SequenceData::labels; kNone where it has none.
  std::int32_t label = Labels::kNone;
  /// [T] of each word or vector, kNone for those that have none; empty where the file labels no steps.
  std::vector<std::int32_t> step_labels;
  /// What its file calls it; empty where it has no name there.
  std::string name;
  /// The part of its file that it belongs to: "train", "valid", "test"; empty where the file has no parts.
  std::string part;
  /// The line of the file where it begins, from 1, or its number in a file without lines: for messages.
  Index line = 0;
};

struct SequenceData {
  SequenceKind kind = SequenceKind::kText;
  std::vector<Sequence> sequences;
  /// In the order that the file declares, otherwise sorted by their bytes.
  Labels labels;
  /// Of kVectors: the names of the I numbers; empty where the file does not name them.
  std::vector<std::string> features;
  /// One of sequence_formats(), that of the file.
  std::string format;
  /// Lines that were not UTF-8 and were read as Windows-1252.
  Index windows_1252_lines = 0;

  /// I; 0 where there are no sequences of vectors.
  Index width() const {
    return sequences.empty() || kind != SequenceKind::kVectors ? 0 : sequences[0].values.shape()[1];
  }
};

/// T, the steps of a sequence of words or vectors. Throws ContractError for one of text: its model knows.
Index steps_of(const Sequence& sequence, SequenceKind kind);

/// How a file of sequences is read. Empty names mean the format's own default.
struct ReadOptions {
  /// One of sequence_formats(); empty: by the file's name, then its content.
  std::string format = {};
  /// The column or key of the label: default "label", in CoNLL-U "upos".
  std::string label = {};
  /// The column or key of the text or the words: default "text", in JSON Lines also "tokens".
  std::string text = {};
  /// The columns of the numbers, in their order. Default: all that have no other meaning. In JSON Lines one key,
  /// default "values".
  std::vector<std::string> values = {};
  /// Of the long format: the columns that say which sequence and which time a line belongs to.
  std::string sequence = "sequence_id";
  std::string time = "time";
  /// Only the sequences of this part; empty: all of them.
  std::string part = {};
  /// Of images: a step is a pixel, not a row; the mean of `shrink` x `shrink` pixels stands for them; pixels are in a
  /// random order drawn from `permute` (-1: their own), the same for all images.
  bool pixels = false;
  Index shrink = 1;
  Index permute = -1;
  /// Of IDX: the file of labels; default: the name of the images' file with "labels" and "idx1" in it.
  std::string labels_file = {};
  /// A sequence without a label is an InputError, as it must be for training.
  bool labelled = false;
};

/// The names of the formats that can be read.
std::vector<std::string> sequence_formats();

/// Reads a whole file, inflating one whose name ends in .gz; "-" is the standard input; a folder's files are texts, a
/// line each, labelled by their file's name. Throws InputError, naming file and line, for whatever is not of the
/// format; UsageError for options that do not fit it.
SequenceData read_sequences(const std::string& file, const ReadOptions& options = {});

/// Gives the labels of `data` the ids that `labels` has for their names; those it lacks are added behind.
void relabel(SequenceData& data, Labels labels);

}  // namespace unfold
