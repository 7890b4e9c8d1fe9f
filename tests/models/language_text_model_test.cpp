// A network seen as a model of text: stepping, scoring, selecting rows, saving.
#include "unfold/language_text_model.h"

#include <gtest/gtest.h>

#include "base/expect_error.h"
#include "models/small_models.h"
#include "unfold/error.h"

namespace unfold {
namespace {

constexpr Index kSymbols = 5;
/// Another shape of batch may mean another kernel, hence another order of summation (docs/numerics.md).
constexpr double kTolerance = 1e-5;

struct LanguageTextModelTest : testing::Test {
  LanguageModel network = LanguageModel(small_options(), kSymbols);
  LanguageTextModel model = LanguageTextModel(network);
};

TEST_F(LanguageTextModelTest, StepsAsTheNetwork) {
  State state = network.state(2);
  TextState texts = model.begin(2);
  for (const std::vector<std::int32_t>& tokens : {std::vector<std::int32_t>{1, 3}, {0, 4}, {2, 2}}) {
    const Tensor expected = network.step(state, tokens);
    const Tensor found = model.step(texts, tokens);
    ASSERT_EQ(found.shape(), (Shape{2, kSymbols}));
    for (Index i = 0; i < found.count(); ++i) EXPECT_EQ(found[i], expected[i]);
  }
}

TEST_F(LanguageTextModelTest, ScoresTextsOfDifferentLengthsAsStepByStep) {
  const std::vector<std::vector<std::int32_t>> texts = {{1, 2}, {}, {0, 3, 4, 1, 1}, {2, 2, 0}};
  TokenBatch batch;
  batch.unrolling = Unrolling::ragged(std::vector<Index>{1, 0, 4, 2});
  batch.inputs.resize(7);
  batch.targets.resize(7);
  std::vector<double> expected(7);
  for (std::size_t text = 0; text < texts.size(); ++text) {
    TextState state = model.begin(1);
    for (std::size_t i = 0; i + 1 < texts[text].size(); ++i) {
      const auto row = static_cast<std::size_t>(batch.unrolling.row(static_cast<Index>(text), static_cast<Index>(i)));
      batch.inputs[row] = texts[text][i];
      batch.targets[row] = texts[text][i + 1];
      expected[row] = model.step(state, {&texts[text][i], 1})[texts[text][i + 1]];
    }
  }
  TextState state = model.begin(4);
  const std::vector<float> found = model.score(batch, state);
  ASSERT_EQ(found.size(), expected.size());
  for (std::size_t row = 0; row < found.size(); ++row) EXPECT_NEAR(found[row], expected[row], kTolerance) << row;
}

TEST_F(LanguageTextModelTest, SelectedTextsGoOnAsTheyWere) {
  TextState state = model.begin(3);
  model.step(state, std::vector<std::int32_t>{0, 1, 2});
  TextState fork = model.select(state, std::vector<Index>{2, 0, 2});
  EXPECT_EQ(fork.batch, 3);
  const Tensor original = model.step(state, std::vector<std::int32_t>{4, 1, 3});
  const Tensor forked = model.step(fork, std::vector<std::int32_t>{3, 4, 3});
  for (Index symbol = 0; symbol < kSymbols; ++symbol) {
    EXPECT_EQ(forked[symbol], original[2 * kSymbols + symbol]);
    EXPECT_EQ(forked[kSymbols + symbol], original[symbol]);
    EXPECT_EQ(forked[2 * kSymbols + symbol], original[2 * kSymbols + symbol]);
  }
  EXPECT_EQ(model.select(model.begin(2), std::vector<Index>{1, 1, 0}).batch, 3) << "texts at their beginning";
  EXPECT_THROW(model.select(state, std::vector<Index>{3}), ContractError);
}

TEST_F(LanguageTextModelTest, ARestoredStateGoesOnAsItWas) {
  TextState state = model.begin(2);
  model.step(state, std::vector<std::int32_t>{0, 1});
  TextState restored = model.restore(model.save(state), 2);
  const Tensor expected = model.step(state, std::vector<std::int32_t>{3, 3});
  const Tensor found = model.step(restored, std::vector<std::int32_t>{3, 3});
  for (Index i = 0; i < found.count(); ++i) EXPECT_EQ(found[i], expected[i]);
}

TEST_F(LanguageTextModelTest, TheIdentityFollowsCellAndWeights) {
  const std::uint64_t identity = model.identity();
  EXPECT_EQ(LanguageTextModel(LanguageModel(small_options(), kSymbols)).identity(), identity);
  EXPECT_NE(LanguageTextModel(LanguageModel(small_options("gru"), kSymbols)).identity(), identity);
  network.parameters().back()->edit()[0] += 1;
  EXPECT_NE(model.identity(), identity);
}

TEST_F(LanguageTextModelTest, RefusesWhatItDidNotMake) {
  TextState foreign{1, 3};
  EXPECT_THROW(model.step(foreign, std::vector<std::int32_t>{0}), ContractError);
  TextState state = model.begin(1);
  TokenBatch batch{.unrolling = Unrolling::equal(1, 1), .inputs = {0}, .targets = {kSymbols}};
  EXPECT_THROW(model.score(batch, state), ContractError);
}

}  // namespace
}  // namespace unfold
