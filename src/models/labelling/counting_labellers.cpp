#include "unfold/counting_labellers.h"

#include <fmt/core.h>

#include <algorithm>

#include "data/text/utf8.h"
#include "data/vocabulary/words.h"
#include "unfold/error.h"

namespace unfold {
namespace {

// Control characters, which texts do not hold.
constexpr const char* kBegin = "\x02";
constexpr const char* kEnd = "\x03";

void expect_labels(Index of_model, const Labels& labels) {
  if (of_model == labels.size()) return;
  throw ContractError(fmt::format("a model of {} labels was given {} names", of_model, labels.size()));
}

std::vector<std::string> characters_of(std::string_view text) {
  std::vector<std::string> characters = {kBegin};
  for (std::size_t offset = 0; offset < text.size();) {
    const auto point = code_point_at(text, offset);
    const std::size_t length = point ? point->length : 1;
    characters.emplace_back(text.substr(offset, length));
    offset += length;
  }
  characters.emplace_back(kEnd);
  return characters;
}

}  // namespace

std::vector<std::string> words_of(const Sequence& sequence, SequenceKind kind) {
  if (kind == SequenceKind::kWords) return sequence.words;
  if (kind == SequenceKind::kVectors) {
    throw InputError(fmt::format("line {}: the model was made for words, the sequence holds numbers", sequence.line));
  }
  constexpr std::string_view kSpace = " \t\r\n\v\f";
  std::vector<std::string> words;
  const std::string_view text = sequence.text;
  for (std::size_t begin = 0; (begin = text.find_first_not_of(kSpace, begin)) != std::string_view::npos;) {
    const std::size_t end = std::min(text.find_first_of(kSpace, begin), text.size());
    words.emplace_back(text.substr(begin, end - begin));
    begin = end;
  }
  return words;
}

HiddenMarkovTagger::HiddenMarkovTagger(HiddenMarkov model, Labels labels)
    : model_(std::move(model)), labels_(std::move(labels)) {
  expect_labels(model_.tags(), labels_);
}

std::vector<Tagging> HiddenMarkovTagger::tag(std::span<const Sequence* const> sequences, SequenceKind kind,
                                             bool with_probabilities) {
  std::vector<Tagging> taggings;
  for (const Sequence* sequence : sequences) {
    const std::vector<std::string> words = words_of(*sequence, kind);
    taggings.push_back({.tags = model_.viterbi(words), .probabilities = {}});
    if (with_probabilities) taggings.back().probabilities = model_.posteriors(words);
  }
  return taggings;
}

std::vector<std::string> TextFeatures::of(const Sequence& sequence, SequenceKind kind) const {
  std::vector<std::string> units;
  if (level == Level::kChar && kind == SequenceKind::kText) {
    units = characters_of(sequence.text);
  } else if (kind == SequenceKind::kText) {
    for (const std::string_view word : divide_words(sequence.text)) units.emplace_back(word);
  } else {
    units = words_of(sequence, kind);
  }
  const std::string_view between = level == Level::kWord ? " " : "";
  std::vector<std::string> features;
  for (std::size_t begin = 0; begin < units.size(); ++begin) {
    std::string run;
    for (std::size_t end = begin; end < units.size() && static_cast<Index>(end - begin) < longest; ++end) {
      run += (end == begin ? "" : between);
      run += units[end];
      if (static_cast<Index>(end - begin) + 1 >= shortest) features.push_back(run);
    }
  }
  return features;
}

NaiveBayesClassifier::NaiveBayesClassifier(NaiveBayes model, TextFeatures features, Labels labels)
    : model_(std::move(model)), features_(features), labels_(std::move(labels)) {
  expect_labels(model_.labels(), labels_);
}

std::vector<double> NaiveBayesClassifier::probabilities(std::span<const Sequence* const> sequences, SequenceKind kind) {
  std::vector<double> rows;
  for (const Sequence* sequence : sequences) {
    const std::vector<double> row = model_.probabilities(features_.of(*sequence, kind));
    rows.insert(rows.end(), row.begin(), row.end());
  }
  return rows;
}

}  // namespace unfold
