// Training of classifiers: they learn, and sittings leave no trace.
#include "tasks/classifier/classifier.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>

#include "base/expect_error.h"
#include "base/file.h"
#include "base/temporary_folder.h"
#include "models/safetensors.h"
#include "unfold/error.h"

namespace unfold {
namespace {

class Classifying : public testing::Test {
 protected:
  /// Whether the word "not" stands somewhere.
  ClassifierSettings texts() {
    std::ofstream stream(folder_ / "texts.txt");
    for (int i = 0; i < 120; ++i) {
      stream << (i % 3 == 0 ? "bad it is " : "good it is ") << (i % 7 == 0 ? "very " : "") << (i % 3 == 0 ? "not " : "")
             << (i % 5 == 0 ? "a film\n" : "one\n");
    }
    stream.close();
    ClassifierSettings settings;
    settings.data.data = {(folder_ / "texts.txt").string()};
    settings.network.hidden = "6";
    settings.network.embed = 5;
    settings.length.steps = 40;
    settings.length.validate_every = 5;
    settings.optimizer.learning_rate = 0.02;
    return settings;
  }

  ClassifierRun train(const ClassifierSettings& settings, const std::string& name, Index length = 1000) {
    for (ExistingRun existing = ExistingRun::kRefuse;; existing = ExistingRun::kResume) {
      LoopHooks hooks;
      hooks.stop = [left = length]() mutable { return left-- == 0; };
      ClassifierRun run = train_classifier(settings, RunDirectory(folder_ / name, existing), hooks);
      if (run.result.outcome != Outcome::kInterrupted) return run;
    }
  }

  /// Trains at once and in sittings of 7 steps.
  void expect_sittings_leave_no_trace(const ClassifierSettings& settings) {
    train(settings, "whole");
    train(settings, "parts", 7);
    const auto whole = read_tensor_file(folder_ / "whole/last.safetensors").tensors;
    const auto parts = read_tensor_file(folder_ / "parts/last.safetensors").tensors;
    ASSERT_EQ(parts.size(), whole.size());
    for (const auto& [name, tensor] : whole) EXPECT_EQ(parts.at(name).bytes, tensor.bytes) << name;
    EXPECT_EQ(read_file(folder_ / "parts/model.safetensors"), read_file(folder_ / "whole/model.safetensors"));
  }

  const TemporaryFolder temporary_;
  const std::filesystem::path folder_ = temporary_.path();
};

TEST_F(Classifying, LearnsWhatTellsTextsApart) {
  ClassifierSettings settings = texts();
  settings.length.steps = 120;
  const ClassifierRun run = train(settings, "run");
  EXPECT_EQ(run.valid.confusion.total(), 12);
  EXPECT_EQ(run.valid.confusion.accuracy(), 1);
  EXPECT_EQ(run.result.counters.best->accuracy, 1);
  EXPECT_EQ(run.sequences, 108);
}

TEST_F(Classifying, LearnsNumbersWithUnknownLabelsInTheValidationPart) {
  const auto write = [&](const std::string& name, int rows, const char* extra) {
    std::ofstream stream(folder_ / name);
    stream << "label,x0,x1,x2\n";
    for (int i = 0; i < rows; ++i) stream << (i % 2 == 0 ? "up,1,2,3" : "down,3,2,1") << i % 10 << '\n';
    stream << extra;
    return (folder_ / name).string();
  };
  ClassifierSettings settings = texts();
  settings.network.embed = kAutomatic;
  settings.data.data = {write("train.csv", 60, "")};
  settings.data.valid = {write("valid.csv", 9, "never,1,1,1\n")};
  settings.network.bidirectional = true;
  settings.class_weights = true;
  const ClassifierRun run = train(settings, "run");
  EXPECT_EQ(run.valid.confusion.total(), 10);
  EXPECT_EQ(run.valid.confusion.right(), 9);
}

TEST_F(Classifying, SittingsLeaveNoTrace) {
  ClassifierSettings settings = texts();
  settings.network.bidirectional = true;
  settings.network.pooling = "attention";
  settings.regularisation.embedding_dropout = 0.2;
  settings.regularisation.input_dropout = "0.2";
  settings.regularisation.recurrence.recurrent_dropout = "variational:0.2";
  settings.optimizer.average_weights = 0.9;
  settings.symbols.batch = 30;
  expect_sittings_leave_no_trace(settings);
}

/// Every tick that two texts of a batch reach has statistics, which the model and the run keep.
TEST_F(Classifying, SittingsLeaveNoTraceOfBatchNormalisation) {
  ClassifierSettings settings = texts();
  settings.network.cell = "lstm_batchnorm";
  settings.symbols.batch = 60;
  expect_sittings_leave_no_trace(settings);
  const auto model = read_tensor_file(folder_ / "whole/model.safetensors").tensors;
  const auto name =
      std::ranges::find_if(model, [](const auto& tensor) { return tensor.first.ends_with("batch_norm.9.variance"); });
  ASSERT_NE(name, model.end());
  EXPECT_EQ(name->second.shape[1], 6);
  const std::string longest = "bad it is very not a film", common = "bad it is not one";
  EXPECT_GE(name->second.shape[0], static_cast<Index>(common.size()));
  EXPECT_LE(name->second.shape[0], static_cast<Index>(longest.size()));
}

TEST_F(Classifying, AnotherRunsCheckpointIsRefused) {
  ClassifierSettings settings = texts();
  train(settings, "run");
  std::ofstream(folder_ / "texts.txt", std::ios::app) << "good more of it\n";
  const RunDirectory run(folder_ / "run", ExistingRun::kResume);
  expect_error<InputError>([&] { train_classifier(settings, run, {}); }, {"the data are not those"});
}

}  // namespace
}  // namespace unfold
