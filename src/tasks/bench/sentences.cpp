#include "tasks/bench/sentences.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <string>

#include "base/random.h"
#include "tasks/bench/model.h"

namespace unfold {
namespace {

constexpr Index kWords = 20'000;  // different ones, about as many as in 200,000
constexpr Index kTags = 17;       // as many as Universal Dependencies has parts of speech

/// Four letters make a name for every rank, the shortest names first: 7 letters for most words, 4 in running text.
std::string spelling(Index rank) {
  std::string letters;
  for (Index rest = rank + 1; rest > 0; rest = (rest - 1) / 4) letters += static_cast<char>('a' + (rest - 1) % 4);
  return letters;
}

}  // namespace

std::vector<Index> sentence_lengths(Index count) {
  constexpr double kShape = 1.4, kScale = 18;
  Random random(1);
  std::vector<Index> lengths(static_cast<std::size_t>(count));
  for (Index& length : lengths) {
    const double drawn = kScale * std::pow(-std::log1p(-random.uniform_double()), 1 / kShape);
    length = std::max<Index>(1, std::llround(drawn));
  }
  return lengths;
}

SequenceData make_sentences(std::span<const Index> lengths) {
  const Index steps = std::accumulate(lengths.begin(), lengths.end(), Index{0});
  const std::vector<std::int32_t> ranks = zipf_tokens(steps, kWords);
  std::vector<std::string> labels;
  for (Index tag = 0; tag < kTags; ++tag) labels.push_back(spelling(tag));
  SequenceData data;
  data.kind = SequenceKind::kWords;
  data.labels = Labels(labels);
  auto rank = ranks.begin();
  for (const Index length : lengths) {
    Sequence& sentence = data.sequences.emplace_back();
    sentence.label = static_cast<std::int32_t>(data.sequences.size()) % 2;
    for (Index i = 0; i < length; ++i, ++rank) {
      sentence.words.push_back(spelling(*rank));
      sentence.step_labels.push_back(static_cast<std::int32_t>(*rank % kTags));
    }
  }
  return data;
}

}  // namespace unfold
