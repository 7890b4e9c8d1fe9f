// Steps of whole language models against whole texts; texts that come and go; formats of weights in model files.
#include "unfold/language_stream.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "base/expect_error.h"
#include "base/random.h"
#include "base/temporary_folder.h"
#include "count_allocations.h"
#include "models/small_models.h"
#include "unfold/error.h"
#include "unfold/model_file.h"

namespace unfold {
namespace {

constexpr Index kSymbols = 9;
/// Another kernel, another order of summation (docs/numerics.md); log-probabilities of about 2.
constexpr double kTolerance = 2e-5;

using Row = std::vector<float>;

struct Connected {
  const char* name;
  LanguageModelOptions options;
};

LanguageModelOptions options(const std::string& cell = "lstm") {
  LanguageModelOptions result = small_options(cell);
  result.hidden = {6, 7, 6};
  return result;
}

/// One model for each way in which its parts can be connected.
std::vector<Connected> shapes() {
  std::vector<Connected> result = {{"plain", options()},         {"embedded", options("gru")}, {"skip", options()},
                                   {"residual", options()},      {"tied", options()},          {"adaptive", options()},
                                   {"jordan", options("jordan")}};
  result[1].options.embed = 4;
  result[2].options.skip = true;
  result[3].options.embed = 6;
  result[3].options.residual = true;
  result[3].options.skip = true;
  result[4].options.embed = 5;
  result[4].options.output.tied = true;
  result[5].options.output = {.kind = OutputOptions::Kind::kAdaptive, .cutoffs = {3, 5}};
  result[6].options.hidden = {6};
  return result;
}

Row one_step(LanguageStream& stream, StreamState& state, std::int32_t token) {
  Row row(kSymbols);
  StreamState* const states[] = {&state};
  stream.step(states, {&token, 1}, row);
  return row;
}

class LanguageStreams : public testing::TestWithParam<Connected> {};

TEST_P(LanguageStreams, EqualTheWholeText) {
  LanguageModel model(GetParam().options, kSymbols);
  const std::vector<std::int32_t> text = {1, 8, 3, 3, 0, 5, 7};
  State whole = model.state(1);
  const Tensor expected = model.log_probabilities(Unrolling::equal(static_cast<Index>(text.size()), 1), text, whole);
  LanguageStream stream(model);
  StreamState streamed;
  State stepped = model.state(1);
  for (std::size_t i = 0; i < text.size(); ++i) {
    const Row row = one_step(stream, streamed, text[i]);
    const Tensor same = model.step(stepped, {&text[i], 1});
    for (Index v = 0; v < kSymbols; ++v) {
      const auto at = static_cast<std::size_t>(v);
      EXPECT_NEAR(row[at], expected[static_cast<Index>(i) * kSymbols + v], kTolerance) << i << " " << v;
      EXPECT_EQ(row[at], same[v]);
    }
  }
  for (std::size_t l = 0; l < whole.layers.size(); ++l) {
    for (std::size_t s = 0; s < whole.layers[l].size(); ++s) {
      for (Index i = 0; i < whole.layers[l][s].count(); ++i)
        EXPECT_NEAR(stepped.layers[l][s][i], whole.layers[l][s][i], kTolerance);
    }
  }
}

/// Bit for bit: each text alone, and all of them coming and going in changing order.
TEST_P(LanguageStreams, TextsDoNotDependOnWhoReadsBesideThem) {
  LanguageModel model(GetParam().options, kSymbols);
  const std::vector<std::vector<std::int32_t>> texts = {{1, 2, 3, 4, 5}, {8, 8}, {0, 7, 1, 3}, {2, 2, 2, 2, 2, 2}, {6}};
  LanguageStream alone(model), together(model);
  std::vector<StreamState> states(texts.size());
  std::vector<std::size_t> read(texts.size());
  std::vector<StreamState> lone(texts.size());
  Random random(7);
  for (bool rest = true; rest;) {
    std::vector<std::size_t> now;  // some of those that have a token left, in an order of their own
    rest = false;
    for (std::size_t text = 0; text < texts.size(); ++text) {
      if (read[text] == texts[text].size()) continue;
      rest = true;
      if (random.uniform() < 0.6F) now.insert(random.uniform() < 0.5F ? now.begin() : now.end(), text);
    }
    std::vector<StreamState*> rows;
    std::vector<std::int32_t> tokens;
    for (const std::size_t text : now) {
      rows.push_back(&states[text]);
      tokens.push_back(texts[text][read[text]++]);
    }
    Row all(now.size() * kSymbols);
    together.step(rows, tokens, all);
    for (std::size_t row = 0; row < now.size(); ++row) {
      const Row expected = one_step(alone, lone[now[row]], tokens[row]);
      EXPECT_EQ(Row(all.begin() + static_cast<std::ptrdiff_t>(row * kSymbols),
                    all.begin() + static_cast<std::ptrdiff_t>((row + 1) * kSymbols)),
                expected);
    }
  }
  for (std::size_t text = 0; text < texts.size(); ++text) EXPECT_EQ(states[text].values, lone[text].values);
}

TEST_P(LanguageStreams, AllocateNothingAfterTheFirstStep) {
  LanguageModel model(GetParam().options, kSymbols);
  LanguageStream stream(model);
  StreamState state;
  Row row(kSymbols);
  StreamState* const states[] = {&state};
  const std::int32_t tokens[] = {3};
  stream.step(states, tokens, row);
  const long before = allocations;
  stream.step(states, tokens, row);
  EXPECT_EQ(allocations, before);
}

INSTANTIATE_TEST_SUITE_P(Shapes, LanguageStreams, testing::ValuesIn(shapes()),
                         [](const auto& shape) { return std::string(shape.param.name); });

TEST(LanguageStream, FollowsTheParameters) {
  LanguageModel model(options(), kSymbols);
  LanguageStream stream(model);
  StreamState first, second, third;
  const Row before = one_step(stream, first, 2);
  for (Parameter* parameter : model.parameters()) {
    for (float& value : parameter->edit().values()) value *= 1.5F;
  }
  const Row after = one_step(stream, second, 2);
  LanguageStream fresh(model);
  EXPECT_EQ(after, one_step(fresh, third, 2));
  EXPECT_NE(after, before);
}

TEST(LanguageStream, RefusesWhatDoesNotFit) {
  LanguageModel model(options(), kSymbols);
  LanguageStream stream(model);
  StreamState state;
  StreamState* const states[] = {&state};
  Row row(kSymbols);
  const std::int32_t outside[] = {static_cast<std::int32_t>(kSymbols)};
  const std::int32_t good[] = {0};
  EXPECT_THROW(stream.step(states, outside, row), ContractError);
  EXPECT_THROW(stream.step(states, good, std::span(row).first(kSymbols - 1)), ContractError);
  EXPECT_TRUE(state.values.empty());
  state.values.resize(3);
  EXPECT_THROW(stream.step(states, good, row), ContractError);
}

TEST(LanguageStream, RoundedModelsAreWrittenAndReadAsTheyAre) {
  const TemporaryFolder folder;
  const Text text{"abcdefgh", Level::kChar, "test"};
  const Vocabulary vocabulary = Vocabulary::build(text);
  for (const WeightFormat format : {WeightFormat::kBf16, WeightFormat::kInt8}) {
    LanguageModelOptions wanted = options();
    wanted.embed = 4;
    LanguageModel model(wanted, vocabulary.size());
    for (Parameter* parameter : model.parameters()) {
      if (parameter->shape().rank() == 2) parameter->round_to(format);
    }
    const std::filesystem::path file = folder.path() / "model.safetensors";
    save_model(file, model, vocabulary);
    const LoadedModel loaded = load_model(file);
    for (std::size_t p = 0; p < model.parameters().size(); ++p) {
      const Parameter& kept = *model.parameters()[p];
      const Parameter& read = *loaded.model.parameters()[p];
      EXPECT_EQ(read.format(), kept.format()) << kept.name();
      // A scale is a quotient: it may come back with another last bit.
      for (Index i = 0; i < kept.value().count(); ++i) EXPECT_FLOAT_EQ(read.value()[i], kept.value()[i]) << kept.name();
    }
    LanguageStream before(model), after(loaded.model);
    EXPECT_EQ(before.bytes(), after.bytes());
  }
}

}  // namespace
}  // namespace unfold
