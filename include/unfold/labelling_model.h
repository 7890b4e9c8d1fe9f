// Models that label sequences or their steps, whatever is inside: all that evaluation and prediction know of them.
// Networks and models that count are used alike.
#pragma once

#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "unfold/sequences.h"

namespace unfold {

/// Gives whole sequences a label.
class SequenceClassifier {
 public:
  virtual ~SequenceClassifier() = default;

  virtual const Labels& labels() const = 0;
  /// [B, K] p(label | sequence): rows sum to 1. Throws InputError, naming the line, for a sequence that it cannot read,
  /// of another kind than those it was trained on for example.
  virtual std::vector<double> probabilities(std::span<const Sequence* const> sequences, SequenceKind kind) = 0;
};

/// What a tagger says of one sequence of T steps.
struct Tagging {
  std::vector<std::int32_t> tags;     // [T] the best ones together
  std::vector<double> probabilities;  // [T, K] of each step by itself: rows sum to 1; empty if not asked for
};

/// Gives each step of a sequence a label. A text is divided at its white space.
class SequenceTagger {
 public:
  virtual ~SequenceTagger() = default;

  virtual const Labels& labels() const = 0;
  /// One for each sequence. Throws InputError as SequenceClassifier does.
  virtual std::vector<Tagging> tag(std::span<const Sequence* const> sequences, SequenceKind kind,
                                   bool with_probabilities) = 0;
  /// True for a word that the training part holds. Models of vectors know everything.
  virtual bool knows(std::string_view word) const = 0;
};

/// How the files of a model are read unless the user says otherwise: what it was trained with.
struct ReadingDefaults {
  ReadOptions options;
  /// As JSON text and back, for the model's file. Throws InputError for anything that to_json did not write.
  std::string to_json() const;
  static ReadingDefaults from_json(const std::string& text);
};

struct LoadedLabellingModel {
  std::variant<std::unique_ptr<SequenceClassifier>, std::unique_ptr<SequenceTagger>> model;
  ReadingDefaults reading;

  const Labels& labels() const;
};

/// True for the file, or the run's folder, of a model that load_labelling_model reads; false for any other, and for
/// what is no model at all.
bool is_labelling_model(const std::filesystem::path& file_or_run);

/// Throws InputError as load_model does.
LoadedLabellingModel load_labelling_model(const std::filesystem::path& file_or_run);

/// The words of a sequence: those of the file, or of a text what its white space divides. Throws InputError for
/// vectors.
std::vector<std::string> words_of(const Sequence& sequence, SequenceKind kind);

}  // namespace unfold
