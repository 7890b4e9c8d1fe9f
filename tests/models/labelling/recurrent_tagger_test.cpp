// Networks that label steps: gradients, what a batch does not change, and learning.
#include "unfold/recurrent_tagger.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>

#include "base/random.h"
#include "tape/gradient_check.h"
#include "unfold/error.h"
#include "unfold/optimizer.h"

namespace unfold {
namespace {

using testing::ElementsAre;

const Labels kLabels(std::vector<std::string>{"DET", "NOUN", "VERB"});

Sequence sentence(Sentence words, std::vector<std::int32_t> labels) {
  Sequence sequence;
  sequence.words = std::move(words);
  sequence.step_labels = std::move(labels);
  return sequence;
}

const std::vector<Sequence> kData = {sentence({"the", "dog", "sleeps"}, {0, 1, 2}),
                                     sentence({"a", "cat", "sees", "the", "dog"}, {0, 1, 2, 0, 1}),
                                     sentence({"dogs", "sleep"}, {1, 2}), sentence({"cats"}, {1})};

std::vector<const Sequence*> pointers(const std::vector<Sequence>& sequences) {
  std::vector<const Sequence*> list;
  for (const Sequence& sequence : sequences) list.push_back(&sequence);
  return list;
}

WordUnits units() {
  std::vector<Sentence> sentences;
  for (const Sequence& sequence : kData) sentences.push_back(sequence.words);
  return WordUnits::of(sentences, 1);
}

RecurrentTaggerOptions small(const std::string& cell = "lstm") {
  RecurrentTaggerOptions options{.cell = Cell::load(cell)};
  options.hidden = {5, 4};
  options.words = {.embed = 3, .character_embed = 2, .character_hidden = 3};
  options.seed = 3;
  return options;
}

TaggerBatch batch_of(const RecurrentTagger& tagger, const std::vector<Sequence>& sequences, SequenceKind kind) {
  const TaggerSequences read(tagger.input(), pointers(sequences), kind);
  std::vector<Index> all;
  for (Index i = 0; i < static_cast<Index>(sequences.size()); ++i) all.push_back(i);
  return read.batch(all);
}

TEST(RecurrentTagger, ItsGradientIsThatOfItsLoss) {
  for (const bool random_field : {false, true}) {
    RecurrentTaggerOptions options = small("elman");
    options.hidden = {2, 2};
    options.words = {.embed = 2, .character_embed = 2, .character_hidden = 2};
    options.random_field = random_field;
    options.dropout = {.words = 0.2, .input = {.rate = 0.3}, .between = {.rate = 0.3}, .output = {.rate = 0.3}};
    RecurrentTagger tagger(options, units(), kLabels);
    const TaggerBatch batch = batch_of(tagger, kData, SequenceKind::kWords);
    const Network network = [&](Tape& tape, const std::vector<Variable>&) {
      return tagger.loss(tape, batch, 0).objective;
    };
    // The loss is about 1, and its rounding is divided by the step of the differences. Entries of the gradient are up
    // to 0.1, so that a wrong factor gives 1e-2.
    constexpr double kRounding = 1e-4;
    EXPECT_LT(compare_gradients({}, network, tagger.parameters()).absolute, kRounding);
  }
}

TEST(RecurrentTagger, ASentenceInABatchIsTaggedAsAlone) {
  RecurrentTaggerOptions options = small("gru");
  options.random_field = true;
  RecurrentTagger tagger(options, units(), kLabels);
  const std::vector<Tagging> together = tagger.tag(pointers(kData), SequenceKind::kWords, true);
  for (std::size_t i = 0; i < kData.size(); ++i) {
    const Sequence* const one = &kData[i];
    const Tagging alone = tagger.tag({&one, 1}, SequenceKind::kWords, true).front();
    EXPECT_EQ(together[i].tags, alone.tags);
    ASSERT_EQ(together[i].probabilities.size(), 3 * kData[i].words.size());
    constexpr double kOrderOfSums = 1e-5;  // products of other shapes add in another order
    EXPECT_THAT(together[i].probabilities, testing::Pointwise(testing::DoubleNear(kOrderOfSums), alone.probabilities));
  }
}

TEST(RecurrentTagger, TheSpellingOfAnUnknownWordCounts) {
  RecurrentTagger tagger(small(), units(), kLabels);
  const std::vector<Sequence> unknown = {sentence({"the", "sad"}, {}), sentence({"the", "das"}, {})};
  const std::vector<Tagging> taggings = tagger.tag(pointers(unknown), SequenceKind::kWords, true);
  EXPECT_NE(taggings[0].probabilities, taggings[1].probabilities);
  EXPECT_FALSE(tagger.knows("sad"));
  EXPECT_TRUE(tagger.knows("dog"));

  RecurrentTaggerOptions unspelt = small();
  unspelt.words.character_hidden = 0;
  RecurrentTagger without(unspelt, units(), kLabels);
  const std::vector<Tagging> same = without.tag(pointers(unknown), SequenceKind::kWords, true);
  EXPECT_EQ(same[0].probabilities, same[1].probabilities);
}

TEST(RecurrentTagger, TextsAreDividedAtWhiteSpaceAndNothingHasNoTags) {
  RecurrentTagger tagger(small(), units(), kLabels);
  Sequence text;
  text.text = " the  dog\tsleeps ";
  const Sequence empty;
  const std::array<const Sequence*, 2> both = {&text, &empty};
  const std::vector<Tagging> taggings = tagger.tag(both, SequenceKind::kText, true);
  EXPECT_EQ(taggings[0].tags, tagger.tag(pointers(kData), SequenceKind::kWords, false)[0].tags);
  EXPECT_TRUE(taggings[1].tags.empty());
}

/// Trains on all of kData at once; returns the last loss.
double train(RecurrentTagger& tagger, const TaggerBatch& batch, int steps) {
  Adam adam(tagger.parameters());
  Tape tape;
  double loss = 0;
  for (int step = 0; step < steps; ++step) {
    tape.clear();
    const RecurrentTagger::Loss result = tagger.loss(tape, batch, static_cast<std::uint64_t>(step));
    loss = result.nats;
    tape.backward(result.objective);
    adam.step(0.02, 1);
  }
  return loss;
}

TEST(RecurrentTagger, LearnsItsSentences) {
  for (const bool random_field : {false, true}) {
    RecurrentTaggerOptions options = small();
    options.random_field = random_field;
    RecurrentTagger tagger(options, units(), kLabels);
    EXPECT_LT(train(tagger, batch_of(tagger, kData, SequenceKind::kWords), 100), 0.05);
    const std::vector<Tagging> taggings = tagger.tag(pointers(kData), SequenceKind::kWords, false);
    for (std::size_t i = 0; i < kData.size(); ++i) EXPECT_EQ(taggings[i].tags, kData[i].step_labels);
  }
}

TEST(RecurrentTagger, APerceptronSeesItsWindowAlone) {
  RecurrentTaggerOptions options = small("mlp");
  options.words.character_hidden = 0;
  options.window = 1;
  RecurrentTagger tagger(options, units(), kLabels);
  EXPECT_EQ(tagger.parameters()[1]->name(), "layers.0.W");  // without a state no direction
  EXPECT_EQ(tagger.parameters()[1]->value().shape(), (Shape{5, 3 * 3}));
  // Sees the word before and the one after, and no further; a window's reach at an end is no word at all.
  const std::vector<Sequence> sentences = {sentence({"the", "dog", "sees", "cats"}, {}),
                                           sentence({"a", "dog", "sees", "dogs"}, {}), sentence({"dog", "sees"}, {})};
  const std::vector<Tagging> taggings = tagger.tag(pointers(sentences), SequenceKind::kWords, true);
  const auto at = [&](std::size_t i, std::size_t word) {
    const auto begin = taggings[i].probabilities.begin() + static_cast<std::ptrdiff_t>(3 * word);
    return std::vector<double>(begin, begin + 3);
  };
  EXPECT_NE(at(0, 1), at(1, 1));
  EXPECT_NE(at(0, 2), at(1, 2));
  EXPECT_NE(at(0, 1), at(2, 0));
  const std::vector<Sequence> longer = {sentence({"the", "the", "dog", "sees", "cats", "sleep"}, {})};
  const Tagging tagging = tagger.tag(pointers(longer), SequenceKind::kWords, true).front();
  for (std::size_t i = 0; i < 6; ++i) EXPECT_NEAR(tagging.probabilities[6 + i], taggings[0].probabilities[3 + i], 1e-6);
  options.window = -1;
  EXPECT_THROW(RecurrentTagger(options, units(), kLabels), UsageError);
}

TEST(RecurrentTagger, LabelsFramesOfNumbers) {
  // The label is that of the frame three steps later: only what reads backwards knows.
  Random random(1);
  SequenceData data;
  data.kind = SequenceKind::kVectors;
  for (int i = 0; i < 20; ++i) {
    Sequence& sequence = data.sequences.emplace_back();
    const auto length = static_cast<Index>(5 + random.below(4));
    sequence.values = Tensor({length, 1});
    for (float& value : sequence.values.values()) value = static_cast<float>(100 + 10 * random.normal());
    for (Index t = 0; t < length; ++t) {
      sequence.step_labels.push_back(t + 3 < length && sequence.values[t + 3] > 100 ? 1 : 0);
    }
  }
  RecurrentTaggerOptions options = small();
  options.hidden = {12};
  RecurrentTagger tagger(options, Standardisation::of(data), Labels(std::vector<std::string>{"low", "high"}));
  train(tagger, batch_of(tagger, data.sequences, SequenceKind::kVectors), 250);
  const std::vector<Tagging> taggings = tagger.tag(pointers(data.sequences), SequenceKind::kVectors, false);
  Index wrong = 0;
  for (std::size_t i = 0; i < taggings.size(); ++i) {
    for (std::size_t t = 0; t < taggings[i].tags.size(); ++t) {
      wrong += taggings[i].tags[t] == data.sequences[i].step_labels[t] ? 0 : 1;
    }
  }
  EXPECT_LE(wrong, 2);
  EXPECT_TRUE(tagger.knows("anything"));
}

TEST(RecurrentTagger, RefusesWhatItCannotRead) {
  RecurrentTagger words(small(), units(), kLabels);
  Sequence frame;
  frame.values = Tensor({2, 3});
  const std::vector<Sequence> frames = {frame};
  EXPECT_THROW(words.tag(pointers(frames), SequenceKind::kVectors, false), InputError);
  RecurrentTagger vectors(small(), Standardisation{.mean = {0, 0}, .deviation = {1, 1}}, kLabels);
  EXPECT_THROW(vectors.tag(pointers(frames), SequenceKind::kVectors, false), InputError);
  EXPECT_THROW(vectors.tag(pointers(kData), SequenceKind::kWords, false), InputError);
  RecurrentTaggerOptions nothing = small();
  nothing.words = {.embed = 0, .character_embed = 2, .character_hidden = 0};
  EXPECT_THROW(RecurrentTagger(nothing, units(), kLabels), UsageError);
  RecurrentTaggerOptions rate = small();
  rate.dropout.input.rate = 1;
  EXPECT_THROW(RecurrentTagger(rate, units(), kLabels), UsageError);
  EXPECT_THROW(RecurrentTagger(small(), units(), Labels()), InputError);
}

}  // namespace
}  // namespace unfold
