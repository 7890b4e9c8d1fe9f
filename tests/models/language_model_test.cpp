// The language model: gradients of everything, streaming, states, and the four letters of "hello".
#include "unfold/language_model.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "base/thread_count_kept.h"
#include "models/small_models.h"
#include "tape/gradient_check.h"
#include "unfold/error.h"

namespace unfold {
namespace {

// Rounding of float32 in values of size 1; the products of one step and of a whole sequence add in different orders.
constexpr float kStreamingTolerance = 1e-5F;

std::vector<std::string> names_of(const LanguageModel& model) {
  std::vector<std::string> names;
  for (const Parameter* parameter : model.parameters()) names.push_back(parameter->name());
  return names;
}

bool has(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

// The loss is a float32 near 1.6, so each of its values is rounded by up to 6e-8; over the step of 1/32 that is 5e-6.
// The model's largest gradients are near 0.1.
constexpr double kLossGradientTolerance = 2e-5;

double gradient_error_of(const LanguageModelOptions& options) {
  LanguageModel model(options, 5);
  const Network network = [&](Tape& tape, const std::vector<Variable>&) {
    return model.loss(tape, small_batch(), model.state(2), 17).objective;
  };
  return compare_gradients({}, network, model.parameters()).absolute;
}

TEST(LanguageModel, GradientOfTheWhole) { EXPECT_LT(gradient_error_of(small_options()), kLossGradientTolerance); }

TEST(LanguageModel, GradientWithEmbeddingAndTwoLayers) {
  LanguageModelOptions options = small_options("gru");
  options.embed = 3;
  options.hidden = {6, 6};
  EXPECT_LT(gradient_error_of(options), kLossGradientTolerance);
}

TEST(LanguageModel, GradientUnderRecurrentDropout) {
  LanguageModelOptions options = small_options();
  options.rewrites = {{.kind = Rewrite::Kind::kVariationalDropout, .rate = 0.4}};
  EXPECT_LT(gradient_error_of(options), kLossGradientTolerance);
  options.rewrites = {{.kind = Rewrite::Kind::kNaiveDropout, .rate = 0.4}};
  EXPECT_LT(gradient_error_of(options), kLossGradientTolerance);
}

TEST(LanguageModel, GradientUnderTeacherForcing) {
  LanguageModelOptions options = small_options("jordan");
  options.rewrites = {{Rewrite::Kind::kTeacherForcing, "y", 0}};
  EXPECT_LT(gradient_error_of(options), kLossGradientTolerance);
}

TEST(LanguageModel, ParametersHaveReadableNames) {
  LanguageModelOptions options = small_options();
  options.embed = 3;
  options.hidden = {6, 6};
  const LanguageModel model(options, 5);
  const std::vector<std::string> names = names_of(model);
  for (const char* name : {"embedding.W", "layers.0.W_xi", "layers.1.b_f", "output.W", "output.b"}) {
    EXPECT_TRUE(has(names, name)) << name;
  }
  // embedding 5 x 3; layers 4 (6 x I + 6 x 6 + 6) for I = 3 and 6; output 5 x 6 + 5.
  EXPECT_EQ(model.parameter_count(), 15 + 4 * (18 + 36 + 6) + 4 * (36 + 36 + 6) + 35);
}

TEST(LanguageModel, JordanNeedsNoOutputLayer) {
  const LanguageModel model(small_options("jordan"), 5);
  EXPECT_FALSE(has(names_of(model), "output.W"));
}

TEST(LanguageModel, BeginsNearTheUniformDistribution) {
  LanguageModel model(small_options(), 5);
  Tape tape;
  EXPECT_NEAR(model.loss(tape, small_batch(), model.state(2), 0).nats, std::log(5.0), 0.5);
}

TEST(LanguageModel, StreamingGivesTheNumbersOfTheWhole) {
  for (const char* cell : {"lstm", "gru", "jordan", "elman"}) {
    LanguageModelOptions options = small_options(cell);
    options.hidden = {6, 6};
    LanguageModel model(options, 5);
    const TokenBatch batch = small_batch();
    State whole_state = model.state(2);
    const Tensor whole = model.log_probabilities(batch.unrolling, batch.inputs, whole_state);
    State state = model.state(2);
    for (Index t = 0; t < 4; ++t) {
      const Tensor step = model.step(state, std::span(batch.inputs).subspan(static_cast<std::size_t>(2 * t), 2));
      ASSERT_EQ(step.shape(), (Shape{2, 5}));
      for (Index i = 0; i < 10; ++i) EXPECT_NEAR(step[i], whole[10 * t + i], kStreamingTolerance) << cell;
    }
  }
}

TEST(LanguageModel, ProbabilitiesSumToOne) {
  LanguageModel model(small_options(), 5);
  State state = model.state(1);
  const std::vector<std::int32_t> token = {2};
  const Tensor log_probabilities = model.step(state, token);
  double sum = 0;
  for (const float value : log_probabilities.values()) sum += std::exp(value);
  EXPECT_NEAR(sum, 1.0, 1e-6);
}

TEST(LanguageModel, AStateCanBeForkedSavedAndContinued) {
  LanguageModel model(small_options(), 5);
  State state = model.state(2);
  const std::vector<std::int32_t> first = {1, 4};
  const std::vector<std::int32_t> second = {2, 0};
  model.step(state, first);
  State fork = state;
  State restored = model.restore_state(model.save_state(state), 2);
  const Tensor expected = model.step(state, second);
  const Tensor of_fork = model.step(fork, second);
  const Tensor of_restored = model.step(restored, second);
  EXPECT_TRUE(std::equal(expected.values().begin(), expected.values().end(), of_fork.data()));
  EXPECT_TRUE(std::equal(expected.values().begin(), expected.values().end(), of_restored.data()));
  EXPECT_EQ(model.save_state(state).count("layers.0.c"), 1U);
}

TEST(LanguageModel, EvaluationIsTheMeanOverEveryPrediction) {
  LanguageModel model(small_options(), 5);
  const std::vector<std::int32_t> tokens = {1, 0, 3, 4, 2, 1, 0, 3, 3, 2, 1};
  State state = model.state(1);
  double nats = 0;
  for (std::size_t i = 0; i + 1 < tokens.size(); ++i) {
    nats -= model.step(state, {&tokens[i], 1})[tokens[i + 1]];
  }
  EXPECT_NEAR(model.evaluate(EvaluationBatches(tokens, 1, 4)), nats / 10, kStreamingTolerance);
}

TEST(LanguageModel, EvaluationKnowsNoDropout) {
  LanguageModelOptions options = small_options();
  LanguageModel plain(options, 5);
  options.rewrites = {{.kind = Rewrite::Kind::kVariationalDropout, .rate = 0.5}};
  LanguageModel dropped(options, 5);
  State a = plain.state(2);
  State b = dropped.state(2);
  EXPECT_EQ(plain.evaluate(small_batch(), a), dropped.evaluate(small_batch(), b));
  Tape tape;
  const double first = dropped.loss(tape, small_batch(), dropped.state(2), 1).nats;
  const double again = dropped.loss(tape, small_batch(), dropped.state(2), 1).nats;
  const double other = dropped.loss(tape, small_batch(), dropped.state(2), 2).nats;
  EXPECT_EQ(first, again);
  EXPECT_NE(first, other);
}

/// The bits of all parameters after some steps of training.
std::vector<float> trained_bits(const LanguageModelOptions& options) {
  LanguageModel model(options, 5);
  Adam adam(model.parameters());
  Tape tape;
  for (std::uint64_t step = 0; step < 5; ++step) train_step(model, adam, tape, small_batch(), 0.01, step);
  std::vector<float> bits;
  for (const Parameter* parameter : model.parameters()) {
    bits.insert(bits.end(), parameter->value().values().begin(), parameter->value().values().end());
  }
  return bits;
}

TEST(LanguageModel, TrainingGivesTheSameBitsOnAnyNumberOfThreads) {
  LanguageModelOptions options = small_options("gru");
  options.hidden = {70};  // several tiles of everything
  options.embed = 70;
  const ThreadCountKept kept;
  set_thread_count(1);
  const std::vector<float> one = trained_bits(options);
  set_thread_count(3);
  const std::vector<float> three = trained_bits(options);
  EXPECT_TRUE(one == three);
  options.seed = 6;
  EXPECT_FALSE(one == trained_bits(options));
}

TEST(LanguageModel, EquationsUnderOtherNamesGiveTheSameBits) {
  LanguageModelOptions options = small_options();
  const std::vector<float> shipped = trained_bits(options);
  options.cell = Cell::parse(R"(
cell mine
input  in
state  out, memory
write  = sigmoid(W_1 in + U_1 out + b_1)
keep   = sigmoid(W_2 in + U_2 out + b_2)
show   = sigmoid(W_3 in + U_3 out + b_3)
new    = tanh   (W_4 in + U_4 out + b_4)
memory' = keep * memory + write * new
out'    = show * tanh(memory')
output out'
init b_2 = 1
)",
                             "mine.cell");
  EXPECT_TRUE(trained_bits(options) == shipped);
}

TEST(LanguageModel, RefusesTokensOutsideTheVocabulary) {
  LanguageModel model(small_options(), 5);
  State state = model.state(1);
  const std::vector<std::int32_t> outside = {5};
  const std::vector<std::int32_t> two = {1, 2};
  EXPECT_THROW(model.step(state, outside), ContractError);
  EXPECT_THROW(model.log_probabilities(Unrolling::equal(1, 1), two, state), ContractError);
  EXPECT_THROW(LanguageModel(small_options(), 0), ContractError);
}

// Seed 001: four letters, "hell" -> "ello". The two l's need the state: one is followed by l, the other by o.
TEST(LanguageModel, LearnsHello) {
  const Vocabulary vocabulary = Vocabulary::build("hello", Level::kChar);
  LanguageModelOptions options{.cell = Cell::load("lstm")};
  options.hidden = {16};
  options.batch = 1;
  options.steps = 4;
  LanguageModel model(options, vocabulary.size());
  Adam adam(model.parameters());
  TokenBatch batch;
  batch.unrolling = Unrolling::equal(4, 1);
  batch.inputs = vocabulary.encode("hell");
  batch.targets = vocabulary.encode("ello");
  Tape tape;
  // 200 steps take some hundredths of a second.
  for (std::uint64_t step = 0; step < 200; ++step) train_step(model, adam, tape, batch, 0.03, step);

  State state = model.state(1);
  EXPECT_LT(model.evaluate(batch, state) / 4, 0.01);
  State fresh = model.state(1);
  std::string text = "h";
  std::vector<std::int32_t> token = vocabulary.encode("h");
  for (int i = 0; i < 4; ++i) {
    const Tensor next = model.step(fresh, token);
    token[0] = static_cast<std::int32_t>(std::max_element(next.data(), next.data() + next.count()) - next.data());
    text += vocabulary.symbol(token[0]);
  }
  EXPECT_EQ(text, "hello");
}

}  // namespace
}  // namespace unfold
