// Rounding a model: what it costs, what is kept in higher precision, what is refused.
#include "tasks/language_model/quantise.h"

#include <gtest/gtest.h>

#include "base/expect_error.h"
#include "models/small_models.h"
#include "unfold/error.h"

namespace unfold {
namespace {

constexpr Index kSymbols = 5;

Tokens tokens() {
  std::vector<std::int32_t> ids;
  for (std::int32_t i = 0; i < 200; ++i) ids.push_back((i * i + i / 3) % static_cast<std::int32_t>(kSymbols));
  return Tokens(std::move(ids));
}

EvaluationBatches batches() { return EvaluationBatches(tokens(), 2, 10); }

Parameter& parameter(LanguageModel& model, const std::string& name) {
  for (Parameter* each : model.parameters()) {
    if (each->name() == name) return *each;
  }
  throw ContractError(name);
}

TEST(Quantise, RoundsEveryMatrixWhereTheLossAllows) {
  LanguageModel model(small_options(), kSymbols);
  const double before = model.evaluate(batches());
  const Quantisation result = round_model(model, batches(), WeightFormat::kInt8);
  EXPECT_EQ(result.nats_before, before);
  EXPECT_EQ(result.nats_after, model.evaluate(batches()));
  EXPECT_NE(result.nats_after, before);
  EXPECT_LE(result.nats_after, before * (1 + kLargestLossIncrease));
  EXPECT_EQ(result.tokens, 199);
  ASSERT_EQ(result.parts.size(), 2U);
  EXPECT_EQ(result.parts[0].name, "layers.0");
  EXPECT_EQ(result.parts[1].name, "output");
  for (const Parameter* each : model.parameters()) {
    const bool is_matrix = each->shape().rank() == 2;
    EXPECT_EQ(each->format(), is_matrix ? WeightFormat::kInt8 : WeightFormat::kF32) << each->name();
  }
}

/// One weight of a row so large that the others fall between the whole numbers of its scale.
void add_outliers(Parameter& matrix, float outlier) {
  Tensor& w = matrix.edit();
  for (Index row = 0; row < w.shape()[0]; ++row) w[row * w.shape()[1] + row % w.shape()[1]] = outlier;
}

/// Two values that int8 holds exactly.
void keep_signs(LanguageModel& model, const std::string& part) {
  for (Parameter* each : model.parameters()) {
    if (!each->name().starts_with(part)) continue;
    for (float& value : each->edit().values()) value = value > 0 ? 0.5F : -0.5F;
  }
}

TEST(Quantise, KeepsWhatCostsMostInHigherPrecision) {
  LanguageModel model(small_options(), kSymbols);
  keep_signs(model, "layers.");
  for (float& value : parameter(model, "output.W").edit().values()) value *= 4;
  add_outliers(parameter(model, "output.W"), 100);
  const Quantisation result = round_model(model, batches(), WeightFormat::kInt8);
  ASSERT_EQ(result.parts.size(), 2U);
  EXPECT_EQ(result.parts[0].format, WeightFormat::kInt8);
  EXPECT_NE(result.parts[1].format, WeightFormat::kInt8);
  EXPECT_GT(result.parts[1].nats_alone, result.parts[0].nats_alone);
  EXPECT_EQ(parameter(model, "output.W").format(), result.parts[1].format);
  EXPECT_LE(result.nats_after, result.nats_before * (1 + kLargestLossIncrease));
  EXPECT_EQ(result.nats_after, model.evaluate(batches()));
}

TEST(Quantise, RefusesWhatIsNotFaster) {
  Quantisation result;
  result.seconds_before = 2e-6;
  result.seconds_after = 1e-6;
  expect_faster(result, WeightFormat::kInt8);
  result.seconds_after = 2e-6;
  expect_error<InputError>([&] { expect_faster(result, WeightFormat::kInt8); }, {"int8", "2.00 us", "not written"});
}

}  // namespace
}  // namespace unfold
