// Models to files and back.
#include "unfold/model_file.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <limits>

#include "base/expect_error.h"
#include "base/file.h"
#include "base/temporary_folder.h"
#include "models/safetensors.h"
#include "models/small_models.h"
#include "unfold/error.h"

namespace unfold {
namespace {

class ModelFile : public ::testing::Test {
 protected:
  std::filesystem::path file() const { return folder_.path() / "model.safetensors"; }

  /// Writes the saved model again, changed.
  template <class Change>
  void change(const Change& change) {
    TensorFile content = read_tensor_file(file());
    change(content);
    write_tensor_file(file(), content);
  }
  void expect_refused(const std::vector<std::string>& pieces) {
    expect_error<InputError>([this] { load_model(file()); }, pieces);
  }

  TemporaryFolder folder_;
  Vocabulary vocabulary_ = Vocabulary::build("abcde", Level::kChar);
};

LanguageModelOptions varied_options() {
  LanguageModelOptions options = small_options("lstm_plain");
  options.cell = Cell::load("lstm_plain(update = relu)");
  options.hidden = {6, 5};
  options.embed = 3;
  options.seed = ~std::uint64_t{0};
  options.rewrites = {{.kind = Rewrite::Kind::kVariationalDropout, .rate = 0.25}};
  return options;
}

TEST_F(ModelFile, HoldsEverythingTheModelNeeds) {
  LanguageModel model(varied_options(), 5);
  model.parameters()[0]->edit()[0] = 0.125F;
  save_model(file(), model, vocabulary_);
  LoadedModel loaded = load_model(file());

  EXPECT_EQ(loaded.vocabulary, vocabulary_);
  const LanguageModelOptions& options = loaded.model.options();
  EXPECT_EQ(options.cell.name(), "lstm_plain");
  EXPECT_EQ(options.cell.source(), model.options().cell.source());
  EXPECT_EQ(options.cell.options(), model.options().cell.options());
  EXPECT_EQ(options.hidden, (std::vector<Index>{6, 5}));
  EXPECT_EQ(options.embed, 3);
  EXPECT_EQ(options.seed, ~std::uint64_t{0});
  ASSERT_EQ(options.rewrites.size(), 1U);
  EXPECT_EQ(options.rewrites[0].kind, Rewrite::Kind::kVariationalDropout);
  EXPECT_EQ(options.rewrites[0].rate, 0.25);

  ASSERT_EQ(loaded.model.parameters().size(), model.parameters().size());
  for (std::size_t i = 0; i < model.parameters().size(); ++i) {
    const Tensor& a = std::as_const(*model.parameters()[i]).value();
    const Tensor& b = std::as_const(*loaded.model.parameters()[i]).value();
    EXPECT_TRUE(std::equal(a.values().begin(), a.values().end(), b.data())) << model.parameters()[i]->name();
  }
  State first = model.state(2);
  State second = loaded.model.state(2);
  EXPECT_EQ(model.evaluate(small_batch(), first), loaded.model.evaluate(small_batch(), second));
}

TEST_F(ModelFile, TeacherForcingSurvives) {
  LanguageModelOptions options = small_options("jordan");
  options.rewrites = {{Rewrite::Kind::kTeacherForcing, "y", 0}};
  LanguageModel model(options, 5);
  save_model(file(), model, vocabulary_);
  EXPECT_EQ(load_model(file()).model.options().rewrites[0].state, "y");
}

TEST_F(ModelFile, SavingAgainGivesTheSameBytes) {
  LanguageModel model(small_options(), 5);
  save_model(file(), model, vocabulary_);
  const std::string before = read_file(file());
  LoadedModel loaded = load_model(file());
  save_model(file(), loaded.model, loaded.vocabulary);
  EXPECT_EQ(read_file(file()), before);
}

TEST_F(ModelFile, ARunDirectoryStandsForItsModel) {
  expect_error<InputError>([&] { load_model(folder_.path()); }, {"model.safetensors", "first validation"});
  expect_error<InputError>([&] { load_model(folder_.path() / "none"); }, {"none"});
  LanguageModel model(small_options(), 5);
  save_model(file(), model, vocabulary_);
  EXPECT_EQ(load_model(folder_.path()).vocabulary, vocabulary_);
}

TEST_F(ModelFile, RefusesWhatIsNotThisModel) {
  LanguageModel model(small_options(), 5);
  const auto again = [&] { save_model(file(), model, vocabulary_); };
  again();
  change([](TensorFile& content) { content.tensors.erase("output.b"); });
  expect_refused({"'output.b'", "missing"});
  again();
  change([](TensorFile& content) { content.tensors["extra"] = StoredTensor::of(Tensor({1})); });
  expect_refused({"'extra'", "not part"});
  again();
  change([](TensorFile& content) { content.tensors["output.b"] = StoredTensor::of(Tensor({6})); });
  expect_refused({"'output.b'", "[6]", "[5]"});
  again();
  change([](TensorFile& content) { content.tensors["output.W"].type = StoredTensor::Type::kU64; });
  EXPECT_THROW(load_model(file()), InputError);
}

TEST_F(ModelFile, RefusesMetadataItCannotRead) {
  LanguageModel model(small_options(), 5);
  const auto with = [&](const std::string& key, const std::string& text) {
    save_model(file(), model, vocabulary_);
    change([&](TensorFile& content) { content.metadata[key] = text; });
  };
  with("format", "unfold training checkpoint");
  expect_refused({"unfold training checkpoint", "run directory"});
  with("format_version", "1");
  expect_refused({"version 1", "version 2", "train"});
  with("configuration", "{");
  expect_refused({"configuration"});
  with("configuration", R"({"hidden": 6})");
  expect_refused({"configuration"});
  with("cell", R"({"source": "cell broken", "options": "", "name": "broken"})");
  EXPECT_THROW(load_model(file()), InputError);
  with("vocabulary", "[1, 2");
  EXPECT_THROW(load_model(file()), InputError);
  with("self_test", "[]");
  expect_refused({"self-test"});
  with("self_test", R"({"tokens": [9], "log_probabilities": []})");
  expect_refused({"self-test"});
}

TEST_F(ModelFile, TheSelfTestNoticesAnotherAnswer) {
  LanguageModel model(small_options(), 5);
  save_model(file(), model, vocabulary_);
  change([](TensorFile& content) {
    Tensor bias = content.take("output.b", {5});
    bias[0] += 0.01F;
    content.tensors["output.b"] = StoredTensor::of(bias);
  });
  expect_refused({"self-test fails", "symbol 0"});
}

TEST_F(ModelFile, AModelThatDivergedIsNotSaved) {
  LanguageModel model(small_options(), 5);
  save_model(file(), model, vocabulary_);
  const std::string before = read_file(file());
  model.parameters()[0]->edit().fill(std::numeric_limits<float>::quiet_NaN());
  EXPECT_THROW(save_model(file(), model, vocabulary_), InputError);
  EXPECT_EQ(read_file(file()), before);
}

TEST_F(ModelFile, DamageOfAModelIsNoticed) {
  LanguageModel model(small_options(), 5);
  save_model(file(), model, vocabulary_);
  const std::string content = read_file(file());
  // Every bit of a small file is tried in safetensors_test; here one bit of every 97th byte.
  for (std::size_t at = 0; at < content.size(); at += 97) {
    std::string damaged = content;
    damaged[at] = static_cast<char>(damaged[at] ^ 4);
    std::ofstream(file(), std::ios::binary) << damaged;
    EXPECT_THROW(load_model(file()), InputError) << "byte " << at;
  }
}

TEST_F(ModelFile, TheVocabularyMustBeTheModels) {
  LanguageModel model(small_options(), 4);
  EXPECT_THROW(save_model(file(), model, vocabulary_), ContractError);
}

}  // namespace
}  // namespace unfold
