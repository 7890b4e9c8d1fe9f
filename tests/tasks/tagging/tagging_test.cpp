// A tagger's training: in sittings as without a pause, on words and on frames, and what is refused.
#include "tasks/tagging/tagging.h"

#include <fmt/core.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/expect_error.h"
#include "base/file.h"
#include "base/temporary_folder.h"
#include "models/safetensors.h"
#include "tasks/labelling/evaluate.h"
#include "unfold/error.h"

namespace unfold {
namespace {

/// Sentences whose verbs are told from nouns by their place alone: "the X Ys" with the same words as X and Y.
std::string sentences() {
  const std::vector<std::string> stems = {"run", "walk", "play", "jump", "sleep", "talk", "look"};
  std::string file;
  for (std::size_t i = 0; i < 49; ++i) {
    const auto line = [&](int id, const std::string& word, const std::string& tag) {
      file += std::to_string(id) + "\t" + word + "\t_\t" + tag + "\t_\t_\t_\t_\t_\t_\n";
    };
    line(1, i % 2 == 0 ? "the" : "a", "DET");
    line(2, stems[i % 7], "NOUN");
    line(3, stems[(i * 3 + i / 7) % 7] + "s", "VERB");
    if (i % 3 == 0) line(4, "here", "_");
    file += "\n";
  }
  return file;
}

class TaggerTraining : public testing::Test {
 protected:
  TaggerSettings settings() const {
    TaggerSettings all;
    all.data.data = {(folder_ / "words.conllu").string()};
    all.batch = 20;
    all.words = {.embed = 4, .character_embed = 3, .character_hidden = 4, .min_count = 1, .unknown_words = 0.25};
    all.network.hidden = "6";
    all.network.layers = 1;
    all.regularisation.dropout = "0";
    all.regularisation.input_dropout = "0.1";
    all.regularisation.output_dropout = "variational:0.1";
    all.optimizer.learning_rate = 0.02;
    all.length.steps = 60;
    all.length.validate_every = 10;
    return all;
  }
  TaggerRun train(const TaggerSettings& all, const std::string& name, Index sitting = 1000) const {
    for (ExistingRun existing = ExistingRun::kRefuse;; existing = ExistingRun::kResume) {
      LoopHooks hooks;
      hooks.stop = [left = sitting]() mutable { return left-- == 0; };
      const TaggerRun run = train_tagger(all, RunDirectory(folder_ / name, existing), hooks);
      if (run.result.outcome != Outcome::kInterrupted) return run;
    }
  }

  const TemporaryFolder temporary_;
  const std::filesystem::path folder_ = temporary_.path();

  void SetUp() override { write_atomically(folder_ / "words.conllu", sentences()); }
};

class TaggerSittings : public TaggerTraining, public testing::WithParamInterface<bool> {};
INSTANTIATE_TEST_SUITE_P(RandomField, TaggerSittings, testing::Bool());

TEST_P(TaggerSittings, LeaveNoTrace) {
  TaggerSettings all = settings();
  all.network.crf = GetParam();
  all.optimizer.average_weights = 0.9;
  train(all, "whole");
  train(all, "parts", 7);
  const TensorFile whole = read_tensor_file(folder_ / "whole/last.safetensors");
  const TensorFile parts = read_tensor_file(folder_ / "parts/last.safetensors");
  ASSERT_EQ(parts.tensors.size(), whole.tensors.size());
  for (const auto& [name, tensor] : whole.tensors) EXPECT_EQ(parts.tensors.at(name).bytes, tensor.bytes) << name;
  EXPECT_EQ(read_file(folder_ / "parts/model.safetensors"), read_file(folder_ / "whole/model.safetensors"));
}

TEST_F(TaggerTraining, LearnsAndTheBestModelIsSaved) {
  const TaggerRun run = train(settings(), "run");
  EXPECT_EQ(run.labels, 3);
  EXPECT_EQ(run.result.counters.best->accuracy, 1.0);
  LoadedLabellingModel loaded = load_labelling_model(folder_ / "run");
  const LabellingEvaluation found =
      evaluate_labelling(loaded, {(folder_ / "words.conllu").string()}, loaded.reading.options);
  EXPECT_EQ(std::get<TaggingMetrics>(found.metrics).confusion.accuracy(), 1.0);
}

TEST_F(TaggerTraining, ReadsFramesOfNumbers) {
  std::string table = "sequence_id,time,label,x\n";
  for (int sequence = 0; sequence < 12; ++sequence) {
    for (int time = 0; time < 6; ++time) {
      const int x = (sequence * 5 + time * 3) % 7;
      table += fmt::format("{},{},{},{}\n", sequence, time, x > 3 ? "high" : "low", 100 + x);
    }
  }
  write_atomically(folder_ / "frames.csv", table);
  TaggerSettings all = settings();
  all.data.data = {(folder_ / "frames.csv").string()};
  EXPECT_GT(train(all, "run").result.counters.best->accuracy, 0.95);
}

TEST_F(TaggerTraining, ACheckpointOfOtherDataIsRefused) {
  TaggerSettings all = settings();
  train(all, "run", 1000);
  write_atomically(folder_ / "words.conllu", sentences() + sentences());
  all.length.steps = 80;
  expect_error<InputError>([&] { train_tagger(all, RunDirectory(folder_ / "run", ExistingRun::kResume), {}); },
                           {"last.safetensors"});
}

TEST_F(TaggerTraining, NothingIsWrittenWhereThereIsNothingToLearn) {
  TaggerSettings all = settings();
  write_atomically(folder_ / "words.conllu", "1\tone\t_\t_\t_\t_\t_\t_\t_\t_\n\n1\ttwo\t_\t_\t_\t_\t_\t_\t_\t_\n\n");
  all.data.held_out = 0.5;
  EXPECT_THROW(train(all, "run"), InputError);
  all = settings();
  all.network.crf = true;
  all.regularisation.label_smoothing = 0.1;
  write_atomically(folder_ / "words.conllu", sentences());
  EXPECT_THROW(train(all, "run"), UsageError);
  EXPECT_FALSE(std::filesystem::exists(folder_ / "run"));
}

}  // namespace
}  // namespace unfold
