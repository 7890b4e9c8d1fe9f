// How probable whole texts are by a model, and which of several models they speak for.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "unfold/data.h"
#include "unfold/text_model.h"

namespace unfold {

struct TextScore {
  double log_probability = 0;  // of the whole text, in nats
  Index tokens = 0;            // predicted, the end included where there is one
  Index unknown = 0;           // symbols that the vocabulary lacks
};

/// log p of each text, from the beginning of a text on, as `generate` without a prompt begins. A model of divided text
/// predicts the boundary behind each, too, so that the probabilities of all texts sum to 1; other models predict the
/// symbols given and no end. Where the vocabulary has neither boundary nor line end the first symbol counts -log V.
///
/// A symbol that the vocabulary lacks, and has no symbol for the unknown, is passed over and counts kUnknownNats, as if
/// drawn evenly from all of Unicode: what a model never saw must not rule it out. Texts may be of any length. They are
/// scored side by side; within rounding the result is that of each alone.
std::vector<TextScore> score_texts(TextModel& model, const Vocabulary& vocabulary, std::span<const std::string> texts);

/// -log(1,114,112), one code point out of all.
inline constexpr double kUnknownNats = -13.923568233015342;

/// p(model | text) by Bayes' rule from log p(text | model) and p(model): sums to 1. Throws ContractError unless there
/// is one prior for each model, UsageError for priors that are negative or sum to 0.
std::vector<double> posterior(std::span<const double> log_probabilities, std::span<const double> priors);

}  // namespace unfold
