// Sequences that end and begin inside of windows: the same losses and gradients as of every sequence by itself.
#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

#include "models/small_models.h"
#include "unfold/data.h"
#include "unfold/error.h"
#include "unfold/language_model.h"

namespace unfold {
namespace {

using Ids = std::vector<std::int32_t>;

constexpr Index kSymbols = 5;
constexpr std::int32_t kBoundary = 4;
/// Sums of some thirty losses in float32, added in another order.
constexpr double kLossTolerance = 1e-4;
/// Of a gradient's largest element: the planned executor sums rows of another batch in another order.
constexpr double kGradientTolerance = 1e-5;

const std::vector<Ids> kDocuments = {{0, 1, 2, 1}, {3}, {2, 2, 0, 1, 3, 0, 1}, {1, 0}, {0, 3, 2, 1, 0, 0, 2, 3, 1}};

Ids text_of(const std::vector<Ids>& documents) {
  Ids tokens = {kBoundary};
  for (const Ids& document : documents) {
    tokens.insert(tokens.end(), document.begin(), document.end());
    tokens.push_back(kBoundary);
  }
  return tokens;
}

class Sequences : public ::testing::TestWithParam<const char*> {
 protected:
  LanguageModel model_{[] {
                         LanguageModelOptions options = small_options();
                         options.cell = Cell::parse(GetParam(), "test.cell");
                         return options;
                       }(),
                       kSymbols};

  double alone(const Ids& document) {
    return model_.evaluate(EvaluationBatches(text_of({document}), 1, 100)) * static_cast<double>(document.size() + 1);
  }

  /// The gradient of the sum of losses, all parameters one after another.
  std::vector<double> gradient(const TokenBatch& batch) {
    Tape tape;
    for (Parameter* parameter : model_.parameters()) parameter->gradient() = Tensor(parameter->shape());
    tape.backward(model_.loss(tape, batch, State{}, 0).objective);
    std::vector<double> result;
    for (const Parameter* parameter : model_.parameters()) {
      for (const float value : parameter->gradient().values()) {
        result.push_back(static_cast<double>(value) * static_cast<double>(batch.targets.size()));
      }
    }
    return result;
  }
};

TEST_P(Sequences, InWindowsOfAnySizeLoseWhatTheyLoseAlone) {
  double expected = 0;
  for (const Ids& document : kDocuments) expected += alone(document);
  const Ids tokens = text_of(kDocuments);
  for (Index steps = 1; steps <= 30; ++steps) {
    const EvaluationBatches windows(tokens, 1, steps, {.boundary = kBoundary});
    EXPECT_NEAR(model_.evaluate(windows) * static_cast<double>(windows.predictions()), expected, kLossTolerance)
        << steps;
  }
  for (const Index batch : {1, 2, 5, 9}) {
    const EvaluationBatches lines(tokens, batch, 1, {.boundary = kBoundary, .lines = true});
    EXPECT_NEAR(model_.evaluate(lines) * static_cast<double>(lines.predictions()), expected, kLossTolerance) << batch;
  }
}

TEST_P(Sequences, InOneWindowHaveTheGradientsTheyHaveAlone) {
  StreamBatches whole(text_of(kDocuments), 1, 100, {.boundary = kBoundary});
  const std::vector<double> found = gradient(whole.next());
  std::vector<double> expected(found.size());
  for (const Ids& document : kDocuments) {
    StreamBatches batches(text_of({document}), 1, 100, {.boundary = kBoundary});
    const std::vector<double> part = gradient(batches.next());
    for (std::size_t i = 0; i < part.size(); ++i) expected[i] += part[i];
  }
  double largest = 0;
  for (const double value : expected) largest = std::max(largest, std::abs(value));
  ASSERT_GT(largest, 0);
  for (std::size_t i = 0; i < found.size(); ++i) ASSERT_NEAR(found[i], expected[i], kGradientTolerance * largest) << i;
}

TEST_P(Sequences, CarryTheirStateFromWindowToWindowBesideOthersThatBegin) {
  // Two streams in training: what the second window continues is what the first one left, stream by stream.
  const Ids tokens = text_of(kDocuments);
  StreamBatches batches(tokens, 2, 6, {.boundary = kBoundary});
  double found = 0;
  State state;
  for (Index w = batches.windows(); w > 0; --w) {
    const TokenBatch batch = batches.next();
    found += model_.evaluate(batch, state);
    EXPECT_EQ(state.batch, 2);
  }
  const Index length = batches.tokens_per_epoch() / 2;
  double expected = 0;
  for (const Index begin : {Index{0}, length}) {
    const Ids stream(tokens.begin() + begin, tokens.begin() + begin + length + 1);
    expected +=
        model_.evaluate(EvaluationBatches(stream, 1, 100, {.boundary = kBoundary})) * static_cast<double>(length);
  }
  EXPECT_NEAR(found, expected, kLossTolerance);
}

constexpr const char* kElman = "cell plain\ninput x\nstate h\nh' = tanh(W x + U h + b)\noutput h'\n";
constexpr const char* kLearnedStart =
    "cell learned\ninput x\nstate h = learned, c = 1\nc' = 0.5 * c + tanh(W_c x + U_c h)\nh' = tanh(W x + U h) * c'\n"
    "output h'\n";
INSTANTIATE_TEST_SUITE_P(Cells, Sequences, ::testing::Values(kElman, kLearnedStart),
                         [](const auto& cell) { return cell.param == kElman ? "Plain" : "LearnedStart"; });

TEST(Select, ChoosesSequencesOfAState) {
  LanguageModel model(small_options(), kSymbols);
  State state = model.state(3);
  model.step(state, Ids{0, 1, 2});
  const State chosen = select(state, std::vector<Index>{2, -1, 0, 2});
  EXPECT_EQ(chosen.batch, 4);
  EXPECT_EQ(chosen.begins, (std::vector<bool>{false, true, false, false}));
  const Index hidden = small_options().hidden[0];
  for (Index unit = 0; unit < hidden; ++unit) {
    EXPECT_EQ(chosen.layers[0][0][0 * hidden + unit], state.layers[0][0][2 * hidden + unit]);
    EXPECT_EQ(chosen.layers[0][0][2 * hidden + unit], state.layers[0][0][0 * hidden + unit]);
  }
  EXPECT_TRUE(select(state, std::vector<Index>{0, 1}).begins.empty());
  EXPECT_TRUE(select(state, std::vector<Index>{-1, -1}).layers.empty()) << "all at their beginning";
  EXPECT_THROW(select(state, std::vector<Index>{3}), ContractError);
}

}  // namespace
}  // namespace unfold
