// Taggers that are networks: saved and loaded, damaged.
#include <gmock/gmock.h>

#include "base/expect_error.h"
#include "base/file.h"
#include "base/temporary_folder.h"
#include "models/safetensors.h"
#include "unfold/error.h"
#include "unfold/recurrent_tagger.h"

namespace unfold {
namespace {

const Labels kLabels(std::vector<std::string>{"NOUN", "VERB"});

RecurrentTaggerOptions small() {
  RecurrentTaggerOptions options{.cell = Cell::load("gru")};
  options.hidden = {4, 4};
  options.words = {.embed = 3, .character_embed = 2, .character_hidden = 3};
  options.random_field = true;
  options.window = 1;
  options.residual = true;
  options.dropout.between = {.mask = Dropout::Mask::kEverySequence, .rate = 0.25};
  options.rewrites = {{.kind = Rewrite::Kind::kZoneout, .rate = 0.1}};
  options.seed = 9;
  return options;
}

RecurrentTagger& network(LoadedLabellingModel& loaded) {
  return dynamic_cast<RecurrentTagger&>(*std::get<std::unique_ptr<SequenceTagger>>(loaded.model));
}

void expect_same(RecurrentTagger& a, RecurrentTagger& b, const Sequence& sequence, SequenceKind kind) {
  const Sequence* const pointer = &sequence;
  EXPECT_EQ(a.tag({&pointer, 1}, kind, true)[0].probabilities, b.tag({&pointer, 1}, kind, true)[0].probabilities);
}

TEST(TaggerFile, HoldsATaggerOfWords) {
  const TemporaryFolder folder;
  const std::vector<Sentence> sentences = {{"dögs", "don't", "New York"}, {"cats", "'s"}};
  RecurrentTagger saved(small(), WordUnits::of(sentences, 1), kLabels);
  save_labelling_model(folder.path() / "model.safetensors", saved, {ReadOptions{.label = "xpos"}});
  EXPECT_TRUE(is_labelling_model(folder.path()));
  LoadedLabellingModel loaded = load_labelling_model(folder.path());
  EXPECT_EQ(loaded.reading.options.label, "xpos");
  EXPECT_EQ(loaded.labels(), kLabels);
  RecurrentTagger& model = network(loaded);
  EXPECT_EQ(model.input(), saved.input());
  EXPECT_TRUE(model.options().residual);
  EXPECT_EQ(model.options().window, 1);
  EXPECT_EQ(model.options().dropout.between.rate, 0.25);
  EXPECT_EQ(model.options().rewrites.size(), 1U);
  Sequence sequence;
  sequence.words = {"dögs", "walk"};
  expect_same(model, saved, sequence, SequenceKind::kWords);
}

TEST(TaggerFile, HoldsATaggerOfVectors) {
  const TemporaryFolder folder;
  const auto path = folder.path() / "tagger";
  RecurrentTagger saved(small(), Standardisation{.mean = {1, -2}, .deviation = {3, 0.5}}, kLabels);
  save_labelling_model(path, saved, {});
  LoadedLabellingModel loaded = load_labelling_model(path);
  EXPECT_EQ(network(loaded).input(), saved.input());
  Sequence sequence;
  sequence.values = Tensor({3, 2}, std::vector<float>{1, 2, 3, 4, 5, 6});
  expect_same(network(loaded), saved, sequence, SequenceKind::kVectors);
}

TEST(TaggerFile, WhatIsNotAsItWasSavedIsRefused) {
  const TemporaryFolder folder;
  const auto path = folder.path() / "tagger";
  RecurrentTagger saved(small(), Standardisation{.mean = {1}, .deviation = {3}}, kLabels);
  save_labelling_model(path, saved, {});
  const TensorFile whole = read_tensor_file(path);
  const auto expect_refused = [&](const auto& change, const std::string& message) {
    TensorFile file = whole;
    change(file);
    write_tensor_file(path, file);
    expect_error<InputError>([&] { load_labelling_model(path); }, std::vector<std::string>{message});
  };
  expect_refused([](TensorFile& file) { file.tensors.erase("scores.W"); }, "scores.W");
  expect_refused([](TensorFile& file) { file.tensors["more"] = StoredTensor::of(Tensor({1})); }, "more");
  expect_refused([](TensorFile& file) { file.metadata["configuration"] = "{}"; }, "configuration");
  expect_refused([](TensorFile& file) { file.metadata.erase("cell"); }, "cell");
  expect_refused([](TensorFile& file) { file.tensors.erase("standardisation.mean"); }, "standardisation");
  expect_refused(
      [](TensorFile& file) {
        file.tensors["scores.b"] = StoredTensor::of(Tensor({2}, std::vector<float>{9, 0}));
      },
      "self-test");
}

}  // namespace
}  // namespace unfold
