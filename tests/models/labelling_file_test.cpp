// Models that count and label: saved and loaded, damaged, used.
#include <gmock/gmock.h>

#include "base/expect_error.h"
#include "base/file.h"
#include "base/temporary_folder.h"
#include "unfold/counting_labellers.h"
#include "unfold/error.h"

namespace unfold {
namespace {

using testing::ElementsAre;

Sequence text(const std::string& content) {
  Sequence sequence;
  sequence.text = content;
  return sequence;
}

HiddenMarkovTagger tagger() {
  const std::vector<std::vector<std::string>> words = {{"the", "dög", "sleeps"}, {"a", "cat", "sleeps"}};
  const std::vector<std::vector<std::int32_t>> tags = {{0, 1, 2}, {0, 1, 2}};
  return {count_tagger(words, tags, 3), Labels(std::vector<std::string>{"DET", "NOUN", "VERB"})};
}

NaiveBayesClassifier classifier(const TextFeatures& features = {}) {
  const std::vector<std::vector<std::string>> examples = {features.of(text("good film"), SequenceKind::kText),
                                                          features.of(text("bad film"), SequenceKind::kText)};
  return {NaiveBayes::count(examples, std::vector<std::int32_t>{0, 1}, 2, 1.0), features,
          Labels(std::vector<std::string>{"pos", "neg"})};
}

TEST(LabellingFile, HoldsAHiddenMarkovModel) {
  const TemporaryFolder folder;
  const HiddenMarkovTagger saved = tagger();
  const auto path = folder.path() / "model.safetensors";
  save_labelling_model(path, saved, {ReadOptions{.label = "xpos"}});
  EXPECT_TRUE(is_labelling_model(folder.path()));
  LoadedLabellingModel loaded = load_labelling_model(folder.path());
  EXPECT_EQ(loaded.reading.options.label, "xpos");
  EXPECT_EQ(loaded.labels(), saved.labels());
  auto& model = dynamic_cast<HiddenMarkovTagger&>(*std::get<std::unique_ptr<SequenceTagger>>(loaded.model));
  EXPECT_EQ(model.model().tables(), saved.model().tables());
  const Sequence sequence = text("the  cat sleeps");
  const Sequence* const pointer = &sequence;
  EXPECT_THAT(model.tag({&pointer, 1}, SequenceKind::kText, false)[0].tags, ElementsAre(0, 1, 2));
}

TEST(LabellingFile, HoldsANaiveBayesModel) {
  const TemporaryFolder folder;
  const auto path = folder.path() / "bayes";
  const NaiveBayesClassifier saved = classifier({.level = Level::kChar, .longest = 3, .shortest = 2});
  save_labelling_model(path, saved, {});
  LoadedLabellingModel loaded = load_labelling_model(path);
  auto& model = dynamic_cast<NaiveBayesClassifier&>(*std::get<std::unique_ptr<SequenceClassifier>>(loaded.model));
  EXPECT_EQ(model.model().tables(), saved.model().tables());
  EXPECT_EQ(model.features().longest, 3);
  EXPECT_EQ(model.features().shortest, 2);
  EXPECT_EQ(model.features().level, Level::kChar);
}

TEST(LabellingFile, RefusesOthers) {
  const TemporaryFolder folder;
  const auto path = folder.path() / "model";
  write_atomically(path, "something else");
  EXPECT_FALSE(is_labelling_model(path));
  EXPECT_FALSE(is_labelling_model(folder.path() / "none"));
  expect_error<InputError>([&] { load_labelling_model(path); }, {"model"});
  save_labelling_model(path, tagger(), {});
  std::string content = read_file(path);
  content[content.size() - 3] ^= 1;
  write_atomically(path, content);
  expect_error<InputError>([&] { load_labelling_model(path); }, {"checksum"});
}

TEST(TextFeatures, AreRunsOfWordsOrCharacters) {
  EXPECT_THAT(TextFeatures{}.of(text("a good film"), SequenceKind::kText),
              ElementsAre("a", "a good", "good", "good film", "film"));
  const TextFeatures bigrams{.level = Level::kChar, .longest = 2, .shortest = 2};
  EXPECT_THAT(bigrams.of(text("äb"), SequenceKind::kText), ElementsAre("\x02ä", "äb", "b\x03"));
  Sequence words;
  words.words = {"New York", "is"};
  EXPECT_THAT(TextFeatures{.longest = 1}.of(words, SequenceKind::kWords), ElementsAre("New York", "is"));
}

TEST(NaiveBayesClassifier, RefusesNumbers) {
  Sequence sequence;
  sequence.values = Tensor({1, 1});
  sequence.line = 3;
  const Sequence* const pointer = &sequence;
  expect_error<InputError>(
      [&] {
        classifier().probabilities({&pointer, 1}, SequenceKind::kVectors);
      },
      {"line 3", "numbers"});
}

}  // namespace
}  // namespace unfold
