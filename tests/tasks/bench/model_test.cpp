// What the work of a training step is counted as.
#include "tasks/bench/model.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "tasks/bench/training.h"

namespace unfold {
namespace {

constexpr double kBatch = 6, kUnroll = 7, kHidden = 16, kSymbols = 11;

BenchModel small(const std::string& cell, Index layers = 1) {
  BenchModel model;
  model.symbols = static_cast<Index>(kSymbols);
  model.settings.network.cell = cell;
  model.settings.network.hidden = std::to_string(static_cast<Index>(kHidden));
  model.settings.network.layers = layers;
  model.settings.text.batch = static_cast<Index>(kBatch);
  model.settings.text.unroll = static_cast<Index>(kUnroll);
  return model;
}

TEST(ModelWork, OfAnLstmIsTheFormula) {
  const ModelWork work = work_of(small("lstm", 2).make());
  const double rows = kBatch * kUnroll;
  const double first = 4 * kHidden * (kSymbols + kHidden), second = 4 * kHidden * (kHidden + kHidden);
  EXPECT_EQ(work.written_operations, 3 * 2 * rows * (first + second + kHidden * kSymbols));
  EXPECT_EQ(work.written_operations - work.operations, 3 * 2 * rows * 4 * kHidden * kSymbols)
      << "the one-hot products of the first layer are look-ups; nothing is saved or added elsewhere";
  EXPECT_EQ(work.loop_operations, 2 * 2 * rows * 2 * 4 * kHidden * kHidden) << "forward and the message, two layers";
  EXPECT_EQ(work.step_bytes, sizeof(float) * (4 * (kHidden + kHidden * kHidden + kHidden) +
                                              4 * (2 * kHidden * kHidden + kHidden) + (kHidden + 1) * kSymbols))
      << "of the input's matrices in the first layer one column";
}

TEST(ModelWork, WithoutProductInTheLoopMovesBytes) {
  const ModelWork work = work_of(small("min_gru").make());
  EXPECT_EQ(work.loop_operations, 0);
  // Forward reads z and the candidate and writes h; what backward reads and writes is at least as much.
  EXPECT_GE(work.loop_bytes, 2 * 3 * kHidden * kBatch * kUnroll * sizeof(float));
}

TEST(ModelWork, OfACellThatGivesTheLogitsHasNoOutputLayer) {
  const double products = kHidden * kSymbols + kHidden * kSymbols + kSymbols * kHidden;  // W x, U y, V h
  EXPECT_EQ(work_of(small("jordan").make()).written_operations, 3 * 2 * kBatch * kUnroll * products);
}

TEST(ZipfTokens, AreSymbolsAndFallInFrequency) {
  const std::vector<std::int32_t> tokens = zipf_tokens(5000, 20);
  EXPECT_TRUE(std::ranges::all_of(tokens, [](std::int32_t token) { return token >= 0 && token < 20; }));
  EXPECT_GT(std::ranges::count(tokens, 0), 2 * std::ranges::count(tokens, 5));
}

TEST(MeasureTraining, ReportsBothModels) {
  const BenchModel plain = small("elman");
  const TrainingRate rate = measure_training(small("lstm"), 1, &plain);
  EXPECT_GT(rate.seconds, 0);
  EXPECT_GT(rate.plain_seconds.value_or(0), 0);
  EXPECT_GT(rate.peak, 0);
  EXPECT_EQ(rate.streaming, 0) << "the loop has products";
  const double parts = rate.parts.loop + rate.parts.outside + rate.parts.gradients;
  EXPECT_GT(rate.parts.loop, 0);
  EXPECT_GT(rate.parts.gradients, 0);
  EXPECT_LT(parts, rate.seconds) << "the output layer, clipping and Adam are the rest";
  EXPECT_EQ(rate.peak_shape.front(), '[');
}

TEST(MeasureTraining, WithoutProductInTheLoopMemoryIsALimit) {
  const TrainingRate rate = measure_training(small("min_gru"), 1);
  EXPECT_GT(rate.streaming, 0);
  EXPECT_GT(rate.loop_rate(), 0);
}

}  // namespace
}  // namespace unfold
