// What stands around the recurrence of a language model: gradients, evaluation without dropout, streaming, files, Monte
// Carlo dropout, penalties, starts.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "base/expect_error.h"
#include "base/temporary_folder.h"
#include "models/small_models.h"
#include "tape/gradient_check.h"
#include "unfold/error.h"
#include "unfold/model_file.h"

namespace unfold {
namespace {

// The loss is a float32 near 1.6, so each of its values is rounded by up to 6e-8; over the step of 1/32 that is 5e-6.
constexpr double kLossGradientTolerance = 3e-5;
// Rounding of float32 in values of size 1; the products of one step and of a whole sequence add in different orders.
constexpr float kStreamingTolerance = 1e-5F;
constexpr Index kSymbols = 5;

constexpr Dropout kNaive{.mask = Dropout::Mask::kEveryStep, .rate = 0.4};
constexpr Dropout kVariational{.mask = Dropout::Mask::kEverySequence, .rate = 0.3};

struct Feature {
  const char* name;
  void (*set)(LanguageModelOptions&);
};

void PrintTo(const Feature& feature, std::ostream* out) { *out << feature.name; }

const Feature kFeatures[] = {
    {"sizes",
     [](LanguageModelOptions& o) {
       o.hidden = {6, 4, 5};
     }},
    {"skip", [](LanguageModelOptions& o) { o.skip = true; }},
    {"skip_embedded",
     [](LanguageModelOptions& o) {
       o.skip = true;
       o.embed = 3;
     }},
    {"residual", [](LanguageModelOptions& o) { o.residual = true; }},
    {"residual_embedded_skip",
     [](LanguageModelOptions& o) {
       o.residual = o.skip = true;
       o.embed = 6;
     }},
    {"dropout",
     [](LanguageModelOptions& o) {
       o.embed = 4;
       o.dropout = {.words = 0.2, .input = kVariational, .between = kNaive, .output = kVariational};
     }},
    {"recurrent_and_around",
     [](LanguageModelOptions& o) {
       o.rewrites = {{Rewrite::Kind::kVariationalDropout, "", 0.3}};
       o.dropout.between = kVariational;
     }},
    {"tied",
     [](LanguageModelOptions& o) {
       o.embed = 6;
       o.output.tied = true;
     }},
    {"tied_projected",
     [](LanguageModelOptions& o) {
       o.embed = 4;
       o.output.tied = true;
     }},
    {"adaptive",
     [](LanguageModelOptions& o) {
       o.output = {.kind = OutputOptions::Kind::kAdaptive, .cutoffs = {2, 3}};
     }},
    {"adaptive_tied",
     [](LanguageModelOptions& o) {
       o.embed = 4;
       o.output = {.kind = OutputOptions::Kind::kAdaptive, .cutoffs = {2, 4}, .tied = true};
     }},
    {"smoothing", [](LanguageModelOptions& o) { o.penalties.label_smoothing = 0.2; }},
    {"penalties",
     [](LanguageModelOptions& o) {
       o.penalties = {.activation = 2, .temporal_activation = 1};
       o.dropout.output = kNaive;
     }},
    {"jordan_penalties",
     [](LanguageModelOptions& o) {
       o.cell = Cell::load("jordan");
       o.hidden = {6};
       o.penalties = {.label_smoothing = 0.1, .activation = 0.5, .temporal_activation = 0.5};
     }},
    {"starts",
     [](LanguageModelOptions& o) {
       o.initialisation = {.matrices = "uniform:0.1", .recurrent = "identity", .forget_bias = 2.5};
     }},
};

class Around : public testing::TestWithParam<Feature> {
 protected:
  static LanguageModelOptions options() {
    LanguageModelOptions options = small_options();
    options.hidden = {6, 6};
    GetParam().set(options);
    return options;
  }
};

TEST_P(Around, Gradient) {
  LanguageModel model(options(), kSymbols);
  const Network network = [&](Tape& tape, const std::vector<Variable>&) {
    return model.loss(tape, small_batch(), model.state(2), 17).objective;
  };
  EXPECT_LT(compare_gradients({}, network, model.parameters()).absolute, kLossGradientTolerance);
}

TEST_P(Around, StreamingGivesTheNumbersOfTheWhole) {
  LanguageModel model(options(), kSymbols);
  const TokenBatch batch = small_batch();
  State whole_state = model.state(2);
  const Tensor whole = model.log_probabilities(batch.unrolling, batch.inputs, whole_state);
  State costs_state = model.state(2);
  const std::vector<double> costs = model.token_nats(batch, costs_state);
  State state = model.state(2);
  for (Index t = 0; t < 4; ++t) {
    state = model.restore_state(model.save_state(state), 2);
    const Tensor step = model.step(state, std::span(batch.inputs).subspan(static_cast<std::size_t>(2 * t), 2));
    for (Index i = 0; i < 2 * kSymbols; ++i) EXPECT_NEAR(step[i], whole[2 * kSymbols * t + i], kStreamingTolerance);
  }
  for (std::size_t row = 0; row < costs.size(); ++row) {
    double sum = 0;
    for (Index v = 0; v < kSymbols; ++v)
      sum += std::exp(static_cast<double>(whole[static_cast<Index>(row) * kSymbols + v]));
    EXPECT_NEAR(sum, 1, kStreamingTolerance);
    EXPECT_NEAR(costs[row], -whole[static_cast<Index>(row) * kSymbols + batch.targets[row]], kStreamingTolerance);
  }
}

TEST_P(Around, AFileGivesTheSamePredictionsAndTheSameTraining) {
  const TemporaryFolder folder;
  const Vocabulary vocabulary = Vocabulary::build("abcde", Level::kChar);
  LanguageModel model(options(), kSymbols);
  Adam adam(model.parameters());
  Tape tape;
  for (std::uint64_t step = 0; step < 2; ++step) train_step(model, adam, tape, small_batch(), 0.01, step);
  save_model(folder.path() / "model.safetensors", model, vocabulary);
  LanguageModel loaded = load_model(folder.path()).model;

  State a = model.state(2);
  State b = loaded.state(2);
  EXPECT_EQ(model.token_nats(small_batch(), a), loaded.token_nats(small_batch(), b));
  // Masks, penalties and smoothing are part of the file, too.
  const auto objective = [](LanguageModel& of) {
    Tape here;
    return here.value(of.loss(here, small_batch(), of.state(2), 3).objective)[0];
  };
  EXPECT_EQ(objective(model), objective(loaded));
}

TEST_P(Around, ResultsOfASequenceDoNotDependOnItsNeighbours) {
  LanguageModel model(options(), kSymbols);
  const TokenBatch both = small_batch();
  TokenBatch first;
  first.unrolling = Unrolling::equal(4, 1);
  for (std::size_t t = 0; t < 4; ++t) {
    first.inputs.push_back(both.inputs[2 * t]);
    first.targets.push_back(both.targets[2 * t]);
  }
  State two = model.state(2);
  State one = model.state(1);
  const std::vector<double> of_both = model.token_nats(both, two);
  const std::vector<double> of_first = model.token_nats(first, one);
  for (std::size_t t = 0; t < 4; ++t) EXPECT_NEAR(of_first[t], of_both[2 * t], kStreamingTolerance);
}

INSTANTIATE_TEST_SUITE_P(Features, Around, testing::ValuesIn(kFeatures),
                         [](const auto& feature) { return std::string(feature.param.name); });

TEST(LanguageModelDropout, IsOffInEvaluation) {
  LanguageModelOptions options = small_options();
  options.hidden = {6, 6};
  options.embed = 4;
  LanguageModel plain(options, kSymbols);
  options.dropout = {.words = 0.2, .input = kVariational, .between = kNaive, .output = kVariational};
  options.penalties = {.label_smoothing = 0.3, .activation = 1, .temporal_activation = 1};
  LanguageModel dropped(options, kSymbols);
  EXPECT_FALSE(plain.draws_masks());
  EXPECT_TRUE(dropped.draws_masks());
  State a = plain.state(2);
  State b = dropped.state(2);
  EXPECT_EQ(plain.token_nats(small_batch(), a), dropped.token_nats(small_batch(), b));
}

// The mean of the dropped input over many masks is the input: seen through a cell that hands it on.
TEST(LanguageModelDropout, KeepsTheExpectation) {
  LanguageModelOptions options = small_options();
  options.cell = Cell::parse("cell pass\ninput x\nstate h\nh' = W x + 0 * h\noutput h'\ninit W = identity\n", "pass");
  options.hidden = {4};
  options.embed = 4;
  options.dropout = {.words = 0.2, .input = kVariational, .output = kNaive};
  options.penalties.activation = 1;  // the mean square of what the output layer reads
  LanguageModel model(options, kSymbols);
  double total = 0;
  constexpr std::uint64_t kSamples = 3000;
  for (std::uint64_t step = 0; step < kSamples; ++step) {
    Tape tape(Tape::Recording::kOff);
    const LanguageModel::Loss loss = model.loss(tape, small_batch(), model.state(2), step);
    total += static_cast<double>(tape.value(loss.objective)[0]) - loss.nats;
  }
  double squares = 0;
  for (const std::int32_t token : small_batch().inputs) {
    for (Index j = 0; j < 4; ++j) squares += std::pow(model.parameters()[0]->value()[4 * token + j], 2);
  }
  // E[(m x)^2] = x^2 / (1 - p) for each of the three independent masks. The 3000 samples leave about 2 % of error.
  const double expected = squares / 32 / (0.8 * 0.7 * 0.6);
  EXPECT_NEAR(total / kSamples, expected, 0.06 * expected);
}

TEST(MonteCarlo, AveragesProbabilitiesOverMasks) {
  LanguageModelOptions options = small_options();
  options.dropout.output = kVariational;
  LanguageModel model(options, kSymbols);
  std::vector<std::int32_t> tokens;
  for (int i = 0; i < 41; ++i) tokens.push_back(i * i % 5);
  const EvaluationBatches batches(tokens, 2, 4);
  const double one = model.evaluate_monte_carlo(batches, 1);
  const double many = model.evaluate_monte_carlo(batches, 50);
  EXPECT_EQ(one, model.evaluate_monte_carlo(batches, 1));
  EXPECT_NE(one, model.evaluate(batches));
  // -log of a mean is below the mean of -log (Jensen).
  EXPECT_LT(many, one + 0.05);
  EXPECT_NEAR(many, model.evaluate(batches), 0.1);
  EXPECT_THROW(model.evaluate_monte_carlo(batches, 0), ContractError);
}

TEST(MonteCarlo, WithoutMasksIsTheEvaluationAndNeedsNoTeacher) {
  LanguageModelOptions options = small_options("jordan");
  options.rewrites = {{Rewrite::Kind::kTeacherForcing, "y", 0}};
  LanguageModel model(options, kSymbols);
  std::vector<std::int32_t> tokens;
  for (int i = 0; i < 41; ++i) tokens.push_back(i * i % 5);
  const EvaluationBatches batches(tokens, 2, 4);
  EXPECT_NEAR(model.evaluate_monte_carlo(batches, 3), model.evaluate(batches), 1e-6);
}

TEST(MonteCarlo, SamplesWhatIsDroppedInsideTheRecurrence) {
  for (const Rewrite& rewrite :
       {Rewrite{Rewrite::Kind::kNaiveDropout, "", 0.4}, Rewrite{Rewrite::Kind::kZoneout, "", 0.4},
        Rewrite{Rewrite::Kind::kWeightDrop, "", 0.4}}) {
    LanguageModelOptions options = small_options();
    options.rewrites = {rewrite};
    LanguageModel model(options, kSymbols);
    std::vector<std::int32_t> tokens;
    for (int i = 0; i < 41; ++i) tokens.push_back(i * i % 5);
    const EvaluationBatches batches(tokens, 2, 4);
    EXPECT_NE(model.evaluate_monte_carlo(batches, 1), model.evaluate(batches));
  }
}

TEST(Penalties, AreWhatTheirFormulasSay) {
  LanguageModelOptions options = small_options();
  LanguageModel plain(options, kSymbols);
  options.penalties = {.activation = 2, .temporal_activation = 3};
  LanguageModel model(options, kSymbols);
  const TokenBatch batch = small_batch();

  // h at every step, from the states of streaming.
  std::vector<Tensor> h;
  State state = plain.state(2);
  for (std::size_t t = 0; t < 4; ++t) {
    plain.step(state, std::span(batch.inputs).subspan(2 * t, 2));
    h.push_back(plain.save_state(state).at("layers.0.h"));
  }
  double squares = 0;
  double changes = 0;
  for (std::size_t t = 0; t < 4; ++t) {
    for (Index i = 0; i < 12; ++i) {
      squares += std::pow(static_cast<double>(h[t][i]), 2);
      if (t > 0) changes += std::pow(static_cast<double>(h[t][i]) - static_cast<double>(h[t - 1][i]), 2);
    }
  }
  Tape tape;
  const LanguageModel::Loss without = plain.loss(tape, batch, plain.state(2), 0);
  const LanguageModel::Loss with = model.loss(tape, batch, model.state(2), 0);
  EXPECT_EQ(with.nats, without.nats);
  EXPECT_NEAR(tape.value(with.objective)[0], without.nats + 2 * squares / 48 + 3 * changes / 36, 1e-6);
}

TEST(Penalties, SmoothingLeavesTheReportedNats) {
  LanguageModelOptions options = small_options();
  LanguageModel plain(options, kSymbols);
  options.penalties.label_smoothing = 0.2;
  LanguageModel model(options, kSymbols);
  Tape tape;
  const LanguageModel::Loss without = plain.loss(tape, small_batch(), plain.state(2), 0);
  const LanguageModel::Loss with = model.loss(tape, small_batch(), model.state(2), 0);
  EXPECT_EQ(with.nats, without.nats);
  EXPECT_NE(tape.value(with.objective)[0], tape.value(without.objective)[0]);
}

const Tensor& value(const LanguageModel& model, const std::string& name) {
  const ParameterList& list = model.parameters();
  const auto found = std::find_if(list.begin(), list.end(), [&](const Parameter* p) { return p->name() == name; });
  return std::as_const(**found).value();
}

bool all_within(const Tensor& tensor, float bound) {
  return std::all_of(tensor.values().begin(), tensor.values().end(), [&](float x) { return std::abs(x) <= bound; });
}

TEST(Starts, ReplaceThoseOfTheCell) {
  LanguageModelOptions options = small_options();
  options.embed = 4;
  options.initialisation = {.matrices = "uniform:0.1", .recurrent = "identity", .forget_bias = 2.5};
  const LanguageModel model(options, kSymbols);
  for (const char* name : {"embedding.W", "layers.0.W_xi", "output.W"}) {
    EXPECT_TRUE(all_within(value(model, name), 0.1F)) << name;
    EXPECT_FALSE(all_within(value(model, name), 0.05F)) << name;
  }
  const Tensor& recurrent = value(model, "layers.0.W_hg");
  for (Index i = 0; i < 36; ++i) EXPECT_EQ(recurrent[i], i % 7 == 0 ? 1.0F : 0.0F);
  for (const float bias : value(model, "layers.0.b_f").values()) EXPECT_EQ(bias, 2.5F);
  for (const float bias : value(model, "layers.0.b_i").values()) EXPECT_EQ(bias, 0.0F);
}

TEST(Starts, SayWhatTheyAre) {
  LanguageModelOptions options = small_options("gru");
  options.initialisation.forget_bias = 1;
  expect_error<InputError>([&] { LanguageModel(options, kSymbols); }, {"'b_f'", "'gru'", "init"});
  options = small_options();
  for (const char* wrong : {"uniform", "uniform:", "uniform:x", "uniform:-1", "glorot:2", "zeros"}) {
    options.initialisation = {.matrices = wrong};
    expect_error<UsageError>([&] { LanguageModel(options, kSymbols); }, {"glorot", "uniform:BOUND", wrong});
  }
  options.initialisation = {.matrices = "spectral:0.9"};
  EXPECT_THROW(LanguageModel(options, kSymbols), InputError);  // no square matrix
}

TEST(LanguageModelOptions, ThatContradictEachOtherAreRefused) {
  const auto refuses = [](void (*set)(LanguageModelOptions&), const std::vector<std::string>& pieces) {
    LanguageModelOptions options = small_options();
    set(options);
    expect_error<UsageError>([&] { LanguageModel(options, kSymbols); }, pieces);
  };
  refuses([](LanguageModelOptions& o) { o.dropout.words = 0.1; }, {"embed"});
  refuses([](LanguageModelOptions& o) { o.dropout.input.rate = 0.1; }, {"embed"});
  refuses([](LanguageModelOptions& o) { o.dropout.between.rate = 0.1; }, {"between layers", "one"});
  refuses([](LanguageModelOptions& o) { o.skip = true; }, {"skip", "layers"});
  refuses([](LanguageModelOptions& o) { o.output.tied = true; }, {"embed"});
  refuses([](LanguageModelOptions& o) { o.output.cutoffs = {2}; }, {"cutoffs", "adaptive"});
  refuses([](LanguageModelOptions& o) { o.dropout.output.rate = 1; }, {"below 1", "found 1"});
  refuses([](LanguageModelOptions& o) { o.penalties.activation = -1; }, {"found -1"});
  refuses(
      [](LanguageModelOptions& o) {
        o.output.kind = OutputOptions::Kind::kAdaptive;
        o.penalties.label_smoothing = 0.1;
      },
      {"label smoothing", "adaptive"});
  refuses(
      [](LanguageModelOptions& o) {
        o.cell = Cell::load("jordan");
        o.output.kind = OutputOptions::Kind::kAdaptive;
      },
      {"'jordan'", "logits"});
}

}  // namespace
}  // namespace unfold
