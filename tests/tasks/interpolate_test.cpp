// Interpolation against the sum written out, token by token.
#include "tasks/language_model/interpolate.h"

#include <gtest/gtest.h>

#include <cmath>

#include "unfold/ngram_text_model.h"

namespace unfold {
namespace {

constexpr double kFloat = 1e-6;  // scores are float32

TEST(Interpolate, IsTheWeightedSumOfProbabilities) {
  const std::vector<std::int32_t> counted = {0, 1, 2, 0, 1, 1, 0, 2, 2, 1, 0, 0, 1};
  const std::vector<std::int32_t> text = {1, 0, 2, 1, 1, 0};
  const NGram unigram = NGram::train(counted, 3, {.order = 1});
  const NGram trigram = NGram::train(counted, 3, {.order = 3});
  double mixed = 0;
  double alone = 0;
  for (std::size_t i = 1; i < text.size(); ++i) {
    const auto before = std::span(text).first(i);
    const double p = trigram.probability(before, text[i]);
    mixed -= std::log(0.75 * p + 0.25 * unigram.probability(before, text[i])) / 5;
    alone -= std::log(p) / 5;
  }

  std::vector<WeightedModel> models;
  models.push_back({"three", 0.75, std::make_unique<NGramTextModel>(NGram::train(counted, 3, {.order = 3}))});
  models.push_back({"one", 0.25, std::make_unique<NGramTextModel>(NGram::train(counted, 3, {.order = 1}))});
  std::vector<MixedModel> parts;
  EXPECT_NEAR(interpolate(models, EvaluationBatches(text, 1, 2), parts), mixed, kFloat);
  ASSERT_EQ(parts.size(), 2U);
  EXPECT_EQ(parts[1].name, "one");
  EXPECT_EQ(parts[0].weight, 0.75);
  EXPECT_NEAR(parts[0].nats, alone, kFloat);
}

}  // namespace
}  // namespace unfold
