// The memory of training: as much as was predicted, and asked of the system only once.
#include <gtest/gtest.h>

#include "base/thread_count_kept.h"
#include "small_models.h"
#include "tensor/storage.h"

namespace unfold {
namespace {

constexpr Index kSymbols = 30;

LanguageModelOptions middling_options(const std::string& cell) {
  LanguageModelOptions options = small_options(cell);
  options.hidden = {256, 256};
  options.batch = 16;
  options.steps = 48;
  return options;
}

TokenBatch batch_for(const LanguageModelOptions& options) {
  TokenBatch batch;
  batch.unrolling = Unrolling::equal(options.steps, options.batch);
  for (Index row = 0; row < options.steps * options.batch; ++row) {
    batch.inputs.push_back(static_cast<std::int32_t>(row * row % kSymbols));
    batch.targets.push_back(static_cast<std::int32_t>((row + 1) * (row + 1) % kSymbols));
  }
  return batch;
}

/// On one thread: how many tiles are worked on at once, and need scratch memory, is up to the system's scheduler.
class TrainingMemory : public testing::Test {
 protected:
  void SetUp() override {
    set_thread_count(1);
    restart_storage_peak();
  }

 private:
  const ThreadCountKept kept_;
};

/// Trains some steps.
struct Training {
  explicit Training(const LanguageModelOptions& options) : model(options, kSymbols), batch(batch_for(options)) {}
  void steps(int count) {
    for (int i = 0; i < count; ++i) train_step(model, adam, tape, batch, 1e-3, step++);
  }

  LanguageModel model;
  TokenBatch batch;
  Adam adam{model.parameters()};
  Tape tape;
  std::uint64_t step = 0;
};

TEST_F(TrainingMemory, IsAsPredicted) {
  for (const std::string cell : {"lstm", "gru", "lstm_layernorm", "indrnn"}) {
    const std::size_t before = storage_use().in_use;
    Training training(middling_options(cell));
    training.steps(1);
    restart_storage_peak();
    training.steps(3);
    const auto measured = static_cast<double>(storage_use().peak - before);
    // Blocks are an eighth too large at most; masks, small tensors and scratch memory are not predicted.
    EXPECT_LT(measured, 1.15 * training.model.training_bytes()) << cell;
    EXPECT_GT(measured, 0.85 * training.model.training_bytes()) << cell;
  }
}

TEST_F(TrainingMemory, OfAnLstmIsWeightsAndSixValuesPerUnit) {
  const LanguageModelOptions options = middling_options("lstm");
  const std::size_t before = storage_use().in_use;
  Training training(options);
  training.steps(3);
  const auto measured = static_cast<double>(storage_use().peak - before);
  double values = 4.0 * static_cast<double>(training.model.parameter_count());
  for (const Index hidden : options.hidden) values += 6.0 * static_cast<double>(hidden * options.batch * options.steps);
  // Beside these: gradients that pass between layers, one layer's packed matrices, and an eighth that is kept.
  EXPECT_LT(measured, 1.3 * values * sizeof(float));
}

TEST_F(TrainingMemory, IsAskedOfTheSystemInTheFirstStepOnly) {
  for (const std::string cell : {"lstm", "gru", "rhn"}) {
    restart_storage_peak();
    Training training(middling_options(cell));
    training.steps(2);  // the second keeps what the optimiser made in the first
    const std::size_t blocks = storage_use().system_blocks;
    training.steps(5);
    EXPECT_EQ(storage_use().system_blocks, blocks) << cell;
  }
}

TEST_F(TrainingMemory, StaysAsItWasWhenTheModelHasWritten) {
  Training training(middling_options("lstm"));
  training.steps(3);
  const StorageUse before = storage_use();
  State state = training.model.state(1);
  training.model.step(state, std::vector<std::int32_t>{1});
  ASSERT_GT(storage_use().in_use, before.in_use) << "the stream has weights of its own";
  training.steps(1);
  EXPECT_LE(storage_use().peak, before.peak);
}

}  // namespace
}  // namespace unfold
