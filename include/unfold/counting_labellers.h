// Models that count, as models that label.
#pragma once

#include <filesystem>

#include "unfold/hidden_markov.h"
#include "unfold/labelling_model.h"
#include "unfold/naive_bayes.h"
#include "unfold/text.h"

namespace unfold {

/// A hidden Markov model of words.
class HiddenMarkovTagger final : public SequenceTagger {
 public:
  /// Throws ContractError unless there is a label for each tag.
  HiddenMarkovTagger(HiddenMarkov model, Labels labels);

  const HiddenMarkov& model() const { return model_; }
  const Labels& labels() const override { return labels_; }
  std::vector<Tagging> tag(std::span<const Sequence* const> sequences, SequenceKind kind,
                           bool with_probabilities) override;
  bool knows(std::string_view word) const override { return model_.knows(word); }

 private:
  HiddenMarkov model_;
  Labels labels_;
};

/// What a text is counted by.
struct TextFeatures {
  Level level = Level::kWord;  // kWord or kChar
  /// Runs of one to `longest` words or characters.
  Index longest = 2;
  /// Only from this length on.
  Index shortest = 1;

  /// The features of a sequence, each as often as it occurs. Characters have a boundary before and behind. Throws
  /// InputError for vectors.
  std::vector<std::string> of(const Sequence& sequence, SequenceKind kind) const;
};

class NaiveBayesClassifier final : public SequenceClassifier {
 public:
  /// Throws ContractError unless there is a label for each class; UsageError for features out of range.
  NaiveBayesClassifier(NaiveBayes model, TextFeatures features, Labels labels);

  const NaiveBayes& model() const { return model_; }
  const TextFeatures& features() const { return features_; }
  const Labels& labels() const override { return labels_; }
  std::vector<double> probabilities(std::span<const Sequence* const> sequences, SequenceKind kind) override;

 private:
  NaiveBayes model_;
  TextFeatures features_;
  Labels labels_;
};

/// Replaces `file` atomically by the model. Throws InputError where it cannot be written.
void save_labelling_model(const std::filesystem::path& file, const HiddenMarkovTagger& model,
                          const ReadingDefaults& reading);
void save_labelling_model(const std::filesystem::path& file, const NaiveBayesClassifier& model,
                          const ReadingDefaults& reading);

}  // namespace unfold
