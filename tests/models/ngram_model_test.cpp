// N-gram models as models of text and as files.
#include <gtest/gtest.h>

#include <cmath>
#include <functional>

#include "base/expect_error.h"
#include "base/file.h"
#include "base/random.h"
#include "base/temporary_folder.h"
#include "models/safetensors.h"
#include "unfold/error.h"
#include "unfold/model_file.h"
#include "unfold/ngram_text_model.h"

namespace unfold {
namespace {

constexpr float kFloat = 1e-6F;  // log p in float32, up to about 10

const std::string kText = "the cat sat on the mat. the dog sat on the log. the cat saw the dog.\n";

struct NGramModelTest : testing::Test {
  const TemporaryFolder temporary;
  const std::filesystem::path file = temporary.path() / "model.safetensors";
  const Vocabulary vocabulary = Vocabulary::build(kText, Level::kChar);
  const std::vector<std::int32_t> tokens = vocabulary.encode(kText);

  NGram trained(Smoothing smoothing = Smoothing::kKneserNey, int order = 4) const {
    return NGram::train(tokens, vocabulary.size(), {.order = order, .smoothing = smoothing});
  }
  void expect_same(TextModel& found, TextModel& expected, float tolerance, std::span<const std::int32_t> read) const {
    TextState a = found.begin(1);
    TextState b = expected.begin(1);
    for (const std::int32_t token : read) {
      const Tensor p = found.step(a, {&token, 1});
      const Tensor q = expected.step(b, {&token, 1});
      for (Index i = 0; i < q.count(); ++i) ASSERT_NEAR(p[i], q[i], tolerance);
    }
  }
};

TEST_F(NGramModelTest, StepsWithItsHistory) {
  NGramTextModel model(trained());
  const NGram& ngram = model.ngram();
  TextState state = model.begin(2);
  for (std::size_t i = 0; i + 7 < tokens.size(); ++i) {
    const Tensor found = model.step(state, std::vector<std::int32_t>{tokens[i], tokens[i + 7]});
    for (std::int32_t next = 0; next < vocabulary.size(); ++next) {
      const auto log_p = [&](std::size_t first) {
        return std::log(ngram.probability(std::span(tokens).subspan(first, i + 1), next));
      };
      ASSERT_NEAR(found[next], log_p(0), kFloat);
      ASSERT_NEAR(found[vocabulary.size() + next], log_p(7), kFloat);
    }
  }
}

TEST_F(NGramModelTest, ScoresTextsOfDifferentLengthsAsStepByStep) {
  NGramTextModel model(trained());
  const std::vector<Index> lengths = {1, 0, 9, 4};
  TokenBatch batch;
  batch.unrolling = Unrolling::ragged(lengths);
  batch.inputs.resize(14);
  batch.targets.resize(14);
  std::vector<float> expected(14);
  for (Index text = 0; text < 4; ++text) {
    TextState state = model.begin(1);
    for (Index i = 0; i < lengths[static_cast<std::size_t>(text)]; ++i) {
      const auto row = static_cast<std::size_t>(batch.unrolling.row(text, i));
      const auto place = static_cast<std::size_t>(5 * text + i);
      batch.inputs[row] = tokens[place];
      batch.targets[row] = tokens[place + 1];
      expected[row] = model.step(state, {&tokens[place], 1})[tokens[place + 1]];
    }
  }
  TextState state = model.begin(4);
  const std::vector<float> found = model.score(batch, state);
  for (std::size_t row = 0; row < found.size(); ++row) EXPECT_FLOAT_EQ(found[row], expected[row]) << row;
}

TEST_F(NGramModelTest, StatesAreForkedSavedAndRestored) {
  NGramTextModel model(trained());
  TextState state = model.begin(3);
  for (int i = 0; i < 5; ++i) model.step(state, std::vector<std::int32_t>{tokens[0], tokens[9], tokens[20]});
  TextState fork = model.select(state, std::vector<Index>{2, 0});
  TextState restored = model.restore(model.save(state), 3);
  const Tensor expected = model.step(state, std::vector<std::int32_t>{1, 2, 3});
  const Tensor again = model.step(restored, std::vector<std::int32_t>{1, 2, 3});
  const Tensor forked = model.step(fork, std::vector<std::int32_t>{3, 1});
  for (Index i = 0; i < expected.count(); ++i) EXPECT_EQ(again[i], expected[i]);
  for (Index i = 0; i < vocabulary.size(); ++i) {
    EXPECT_EQ(forked[i], expected[2 * vocabulary.size() + i]);
    EXPECT_EQ(forked[vocabulary.size() + i], expected[i]);
  }
  EXPECT_THROW(model.step(state, std::vector<std::int32_t>{1}), ContractError);
  EXPECT_THROW(model.select(state, std::vector<Index>{3}), ContractError);
  EXPECT_THROW(model.restore({}, 1), InputError);
}

TEST_F(NGramModelTest, IdentityTellsModelsApart) {
  const std::uint64_t identity = NGramTextModel(trained()).identity();
  EXPECT_EQ(NGramTextModel(trained()).identity(), identity);
  EXPECT_NE(NGramTextModel(trained(Smoothing::kWittenBell)).identity(), identity);
  EXPECT_NE(NGramTextModel(trained(Smoothing::kKneserNey, 3)).identity(), identity);
}

TEST_F(NGramModelTest, AFileAnswersAsTheModel) {
  for (const Smoothing smoothing : {Smoothing::kWittenBell, Smoothing::kKneserNey}) {
    for (const int order : {1, 2, 4, 100}) {
      save_ngram(file, trained(smoothing, order), vocabulary);
      const LoadedTextModel loaded = load_text_model(file);
      EXPECT_EQ(loaded.vocabulary, vocabulary);
      NGramTextModel expected(trained(smoothing, order));
      expect_same(*loaded.model, expected, 0, tokens);
    }
  }
}

TEST_F(NGramModelTest, AnArpaFileAnswersAsTheModel) {
  export_arpa(file, trained(), vocabulary);
  const LoadedTextModel loaded = load_text_model(file);
  EXPECT_EQ(loaded.vocabulary, vocabulary);
  NGramTextModel expected(trained());
  expect_same(*loaded.model, expected, kFloat, tokens);
}

TEST_F(NGramModelTest, LinesKeepTheirBoundaryInFiles) {
  const Vocabulary lines = Vocabulary::build(kText, Level::kChar, {.division = {.kind = Division::Kind::kLines}});
  const NGram model =
      NGram::train(lines.encode("the cat sat"), lines.size(), {.order = 3, .boundary = lines.boundary()});
  NGramTextModel expected(
      NGram::train(lines.encode("the cat sat"), lines.size(), {.order = 3, .boundary = lines.boundary()}));
  const auto expect_boundary = [&] {
    const LoadedTextModel loaded = load_text_model(file);
    EXPECT_EQ(loaded.vocabulary, lines);
    expect_same(*loaded.model, expected, kFloat,
                std::vector<std::int32_t>{*lines.boundary(), 2, 1, *lines.boundary(), 3});
  };
  save_ngram(file, model, lines);
  expect_boundary();
  export_arpa(file, model, lines);
  expect_boundary();
}

TEST_F(NGramModelTest, PiecesOfTheSameTextAreKeptApartInArpaFiles) {
  std::string text;
  for (int i = 0; i < 20; ++i) text += kText;
  const Vocabulary pieces = Vocabulary::build(text, Level::kBpe, {.max_size = 280});
  const std::vector<std::int32_t> read = pieces.encode(kText);
  NGramTextModel expected(NGram::train(read, pieces.size(), {.order = 3}));
  export_arpa(file, expected.ngram(), pieces);
  const LoadedTextModel loaded = load_text_model(file);
  EXPECT_EQ(loaded.vocabulary, pieces);
  expect_same(*loaded.model, expected, kFloat, read);
}

TEST_F(NGramModelTest, AnotherProgramsArpaFileIsOfWordsInLines) {
  write_atomically(
      file, "\\data\\\nngram 1=5\n\n\\1-grams:\n-1\tword\n-1\tu.s.\n-1\t<s>\n-1\t</s>\n-0.2\t<unk>\n\n\\end\\\n");
  const LoadedTextModel loaded = load_text_model(file);
  EXPECT_EQ(loaded.vocabulary.level(), Level::kWord);
  EXPECT_EQ(loaded.vocabulary.division().kind, Division::Kind::kLines);
  EXPECT_EQ(loaded.vocabulary.size(), 4);
  EXPECT_EQ(loaded.vocabulary.unknown(), 0);
  EXPECT_EQ(loaded.vocabulary.symbol(1), "word");
  EXPECT_EQ(loaded.vocabulary.symbol(2), "u.s.") << "no word of a text here, but of the model's";
  EXPECT_EQ(loaded.vocabulary.boundary(), 3);
}

TEST_F(NGramModelTest, DamagedTablesAreRefused) {
  const auto expect_fault = [&](const std::function<void(TensorFile&)>& damage, const std::string& message) {
    save_ngram(file, trained(), vocabulary);
    TensorFile content = read_tensor_file(file);
    damage(content);
    write_tensor_file(file, content);
    expect_error<InputError>([&] { load_text_model(file); }, {file.string(), message});
  };
  expect_fault([](TensorFile& content) { content.tensors.erase("nodes"); }, "'nodes' is missing");
  expect_fault([](TensorFile& content) { content.tensors["more"] = content.tensors["text"]; }, "'more'");
  expect_fault([](TensorFile& content) { content.metadata["format_version"] = "2"; }, "version 2");
  expect_fault([](TensorFile& content) { content.metadata["configuration"] = "{}"; }, "configuration");
  expect_fault([](TensorFile& content) { content.tensors["text"].bytes.assign(4, std::byte{0}); }, "bytes");
}

/// Whatever numbers stand in the tables: an error or an answer, and no access outside of them (seen by the sanitisers).
TEST_F(NGramModelTest, NoNumberInATableLeadsOutOfIt) {
  save_ngram(file, trained(Smoothing::kWittenBell, 6), vocabulary);
  const TensorFile sound = read_tensor_file(file);
  Random random(3);
  int refused = 0;
  for (int repeat = 0; repeat < 150; ++repeat) {
    TensorFile content = sound;
    auto table = std::next(content.tensors.begin(), static_cast<std::ptrdiff_t>(random.below(4)));
    auto& bytes = table->second.bytes;
    bytes[random.below(bytes.size())] = static_cast<std::byte>(random.below(256));
    write_tensor_file(file, content);
    try {
      const LoadedTextModel loaded = load_text_model(file);
      TextState state = loaded.model->begin(1);
      for (const std::int32_t token : tokens) loaded.model->step(state, {&token, 1});
    } catch (const InputError&) {
      ++refused;
    }
  }
  EXPECT_GT(refused, 0);
}

}  // namespace
}  // namespace unfold
