// The loop around a toy: what it saves and logs, and that interruptions leave no trace in the result.
#include "train/loop.h"

#include <gtest/gtest.h>

#include <vector>

#include "train/loop_fixture.h"
#include "unfold/error.h"

namespace unfold {
namespace {

constexpr Index kNever = 1000;

class Loop : public LoopTest {};

TEST_F(Loop, CountsStepsAndKeepsTheBestModel) {
  ToyTrainee trainee;
  const TrainingResult result = run_training(trainee, begin(), schedule_, {});
  EXPECT_EQ(result.outcome, Outcome::kFinished);
  EXPECT_EQ(result.counters.step, 23);
  EXPECT_EQ(result.counters.tokens, 230);

  // Validated after 5, 10, 15, 20 and 23 steps: the lowest is what was saved.
  ToyTrainee again;
  double best = std::numeric_limits<double>::infinity();
  for (Index step = 0; step < 23; ++step) {
    again.train(step);
    if ((step + 1) % 5 == 0 || step + 1 == 23) best = std::min(best, again.value);
  }
  EXPECT_EQ(result.counters.valid_nats(), best);
  EXPECT_EQ(read_file(folder_ / "model.safetensors"), std::to_string(best));
  EXPECT_EQ(result.counters.train_nats > 0, true);
}

TEST_F(Loop, LogsEveryIntervalAndEveryValidation) {
  ToyTrainee trainee;
  run_training(trainee, begin(), schedule_, {});
  std::vector<Index> steps, validated;
  for (const nlohmann::json& entry : log()) {
    steps.push_back(entry["step"]);
    if (entry.contains("valid_nats")) validated.push_back(entry["step"]);
    EXPECT_EQ(entry["epoch"], entry["step"].get<double>() / 8);
    EXPECT_EQ(entry["learning_rate"], 0.5);
    EXPECT_EQ(entry["grad_norm"], 2);
    EXPECT_GT(entry["tokens_per_second"], 0);
    EXPECT_TRUE(entry.contains("train_nats"));
  }
  EXPECT_EQ(steps, (std::vector<Index>{2, 4, 5, 6, 8, 10, 12, 14, 15, 16, 18, 20, 22, 23}));
  EXPECT_EQ(validated, (std::vector<Index>{5, 10, 15, 20, 23}));
}

TEST_F(Loop, InterruptionsLeaveNoTrace) {
  ToyTrainee whole;
  const TrainingResult expected = run_training(whole, begin(), schedule_, {});
  const std::string best = read_file(folder_ / "model.safetensors");
  const std::vector<nlohmann::json> expected_log = log();
  std::filesystem::remove_all(folder_);

  TrainingResult result;
  for (Index sitting = 0; sitting < 4; ++sitting) {
    ToyTrainee part;  // a new process knows nothing but the files
    const RunDirectory run = begin(sitting == 0 ? ExistingRun::kRefuse : ExistingRun::kResume);
    result = run_training(part, run, schedule_, stopping_after(7));
    EXPECT_EQ(result.outcome, sitting < 3 ? Outcome::kInterrupted : Outcome::kFinished);
    if (sitting == 3) {
      EXPECT_EQ(part.value, whole.value);
    }
  }
  EXPECT_EQ(result.counters.tokens, expected.counters.tokens);
  EXPECT_EQ(result.counters.train_nats, expected.counters.train_nats);
  EXPECT_EQ(result.counters.valid_nats(), expected.counters.valid_nats());
  EXPECT_EQ(read_file(folder_ / "model.safetensors"), best);
  ASSERT_EQ(log().size(), expected_log.size());
  for (std::size_t i = 0; i < expected_log.size(); ++i) {
    EXPECT_EQ(log()[i]["step"], expected_log[i]["step"]);
    EXPECT_EQ(log()[i]["train_nats"], expected_log[i]["train_nats"]);
  }
}

TEST_F(Loop, EntriesPastTheCheckpointAreWrittenAgain) {
  ToyTrainee first;
  run_training(first, begin(), schedule_, stopping_after(10));
  // As if killed later: the log is ahead of the checkpoint and ends in half a line.
  write_atomically(folder_ / "log.jsonl", read_file(folder_ / "log.jsonl") + "{\"step\":12}\n{\"step\":14,\"ep");
  ToyTrainee second;
  run_training(second, begin(ExistingRun::kResume), schedule_, {});
  std::vector<Index> steps;
  for (const nlohmann::json& entry : log()) steps.push_back(entry["step"]);
  EXPECT_EQ(steps, (std::vector<Index>{2, 4, 5, 6, 8, 10, 12, 14, 15, 16, 18, 20, 22, 23}));
}

TEST_F(Loop, AnInterruptedRunLeavesAModelEvenBeforeItsFirstValidation) {
  ToyTrainee trainee;
  run_training(trainee, begin(), schedule_, stopping_after(3));
  EXPECT_EQ(read_file(folder_ / "model.safetensors"), std::to_string(trainee.value));
}

TEST_F(Loop, DivergenceStopsAndKeepsTheLastCheckpoint) {
  ToyTrainee trainee;
  trainee.disturb = explode_at(12, kNever);
  const TrainingResult result = run_training(trainee, begin(), schedule_, {});
  EXPECT_EQ(result.outcome, Outcome::kDiverged);
  EXPECT_EQ(result.counters.step, 13) << "the step that diverged, counted from 1";
  ToyTrainee kept;
  EXPECT_EQ(kept.restore(folder_ / "last.safetensors").step, 10);
}

TEST_F(Loop, ReportsProgressAfterEveryStep) {
  ToyTrainee trainee;
  std::vector<Index> steps;
  LoopHooks hooks;
  hooks.report = [&](const Progress& progress) { steps.push_back(progress.step); };
  run_training(trainee, begin(), {.steps = 3, .validate_every = 2, .log_every = 1}, hooks);
  EXPECT_EQ(steps, (std::vector<Index>{1, 2, 3}));
}

TEST_F(Loop, AFolderThatHoldsARunIsRefused) {
  begin();
  EXPECT_THROW(RunDirectory(folder_, ExistingRun::kRefuse), InputError);
  EXPECT_TRUE(RunDirectory(folder_, ExistingRun::kResume).resumes());
  const RunDirectory overwritten(folder_, ExistingRun::kOverwrite);
  EXPECT_FALSE(overwritten.resumes());
  EXPECT_TRUE(std::filesystem::exists(overwritten.config())) << "nothing may be lost before the new run really starts";
  overwritten.begin();
  EXPECT_FALSE(std::filesystem::exists(overwritten.config()));
}

TEST_F(Loop, AFileInPlaceOfTheFolderIsAnError) {
  write_atomically(folder_, "a file");
  EXPECT_THROW(RunDirectory(folder_, ExistingRun::kOverwrite), InputError);
}

}  // namespace
}  // namespace unfold
