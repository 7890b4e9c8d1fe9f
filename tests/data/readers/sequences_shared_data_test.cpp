// The files that the measurements use, as they are.
#include <gmock/gmock.h>

#include "base/file.h"
#include "data/readers/reading.h"
#include "data/shared_data.h"

namespace unfold {
namespace {

TEST(SharedSequences, SentencesOfMoviesAndQuestions) {
  const auto reviews = shared_data("sentence_classification/rt-polarity.all");
  UNFOLD_NEEDS(reviews);
  const SequenceData movies = read_sequences(reviews.string(), {.labelled = true});
  EXPECT_EQ(movies.sequences.size(), 10662U);
  EXPECT_THAT(movies.labels.names(), testing::ElementsAre("0", "1"));
  EXPECT_GT(movies.windows_1252_lines, 0);
  const SequenceData questions = read_sequences(shared_data("sentence_classification/TREC.train.all").string());
  EXPECT_EQ(questions.sequences.size(), 5452U);
  EXPECT_EQ(questions.labels.size(), 6);
}

TEST(SharedSequences, NamesByLanguage) {
  const auto folder = shared_data("names/by_language");
  UNFOLD_NEEDS(folder);
  const SequenceData names = read_sequences(folder.string());
  EXPECT_EQ(names.sequences.size(), 20050U);
  EXPECT_EQ(names.labels.size(), 18);
}

TEST(SharedSequences, TaggedWordsComeBackByteForByte) {
  const auto file = shared_data("ud_english_ewt/en_ewt-ud-test.conllu");
  UNFOLD_NEEDS(file);
  const std::string content = read_file(file);
  const ReadText read = read_from(content, file.string());
  std::size_t words = 0;
  for (const Sequence& sentence : read.sequences) words += sentence.words.size();
  EXPECT_EQ(read.sequences.size(), 2077U);
  EXPECT_EQ(words, 25094U);
  EXPECT_EQ(read.labels.size(), 17U);
  EXPECT_TRUE(written_with(content, file.string(), {}, true) == content);
}

TEST(SharedSequences, SensorsAndVowels) {
  const auto file = shared_data("sensor_ucr/JapaneseVowels_TEST.ts");
  UNFOLD_NEEDS(file);
  const SequenceData vowels = read_sequences(file.string(), {.labelled = true});
  EXPECT_EQ(vowels.sequences.size(), 370U);
  EXPECT_EQ(vowels.width(), 12);
  EXPECT_EQ(vowels.labels.size(), 9);
  EXPECT_EQ(read_sequences(shared_data("sensor_ucr/BasicMotions_TRAIN.ts").string()).width(), 6);
  EXPECT_EQ(read_sequences(shared_data("sensor_ucr/PickupGestureWiimoteZ_TRAIN.ts").string()).sequences.size(), 50U);
}

TEST(SharedSequences, Digits) {
  const auto file = shared_data("mnist/t10k-images-idx3-ubyte.gz");
  UNFOLD_NEEDS(file);
  const SequenceData digits = read_sequences(file.string(), {.shrink = 2, .permute = 1, .labelled = true});
  EXPECT_EQ(digits.sequences.size(), 10000U);
  EXPECT_EQ(digits.sequences[0].values.shape(), Shape({196, 1}));
  EXPECT_EQ(digits.labels.name(digits.sequences[0].label), "7");
}

TEST(SharedSequences, Chorales) {
  const auto file = shared_data("music_jsb/jsb-chorales-quarter.json");
  UNFOLD_NEEDS(file);
  EXPECT_EQ(read_sequences(file.string(), {.part = "train"}).sequences.size(), 229U);
  EXPECT_EQ(read_sequences(file.string(), {.part = "valid"}).sequences.size(), 76U);
  EXPECT_EQ(read_sequences(file.string(), {.part = "test"}).sequences.size(), 77U);
}

}  // namespace
}  // namespace unfold
