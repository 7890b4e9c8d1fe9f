// The task `sequence`: in sittings as without a pause, what is learnt, and what predictions are compared with.
#include "tasks/sequence/sequence.h"

#include <fmt/core.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

#include "base/expect_error.h"
#include "base/file.h"
#include "base/random.h"
#include "base/temporary_folder.h"
#include "data/shared_data.h"
#include "models/safetensors.h"
#include "tasks/labelling/data.h"
#include "tasks/sequence/data.h"
#include "tasks/sequence/predict.h"
#include "unfold/error.h"

namespace unfold {
namespace {

/// Sines of different frequency and phase: the next value follows from the two before.
std::string sines() {
  std::string table = "sequence_id,time,x\n";
  for (int sequence = 0; sequence < 30; ++sequence) {
    Random random(static_cast<std::uint64_t>(sequence));
    const double frequency = 0.3 + 0.5 * random.uniform_double();
    const double phase = 6 * random.uniform_double();
    for (int time = 0; time < 25; ++time) {
      table += fmt::format("s{},{},{:.5f}\n", sequence, time, 100 + 10 * std::sin(frequency * time + phase));
    }
  }
  return table;
}

/// y is the x of two steps before.
std::string delays() {
  std::string table = "sequence_id,x,y\n";
  for (int sequence = 0; sequence < 40; ++sequence) {
    Random random(static_cast<std::uint64_t>(100 + sequence));
    double before[2] = {0, 0};
    for (int time = 0; time < 15; ++time) {
      const double x = random.normal();
      table += fmt::format("{},{:.4f},{:.4f}\n", sequence, x, before[1]);
      before[1] = before[0];
      before[0] = x;
    }
  }
  return table;
}

/// Pieces of two notes that take turns.
std::string pieces() {
  std::string file = "{\"train\": [";
  for (int piece = 0; piece < 12; ++piece) {
    file += piece == 0 ? "[" : ", [";
    for (int time = 0; time < 6 + piece % 3; ++time) {
      file += fmt::format("{}[{}]", time == 0 ? "" : ", ", (time + piece) % 2 == 0 ? 60 : 64);
    }
    file += "]";
  }
  return file + "], \"valid\": [[[60], [64], [60], [64]]], \"test\": [[[64], [60], [64]]]}";
}

class SequenceTraining : public testing::Test {
 protected:
  SequenceSettings settings(const std::string& file, const std::string& content) const {
    write_atomically(folder_ / file, content);
    SequenceSettings all;
    all.data.data = {(folder_ / file).string()};
    all.prediction.batch = 100;
    all.network.hidden = "16";
    all.optimizer.learning_rate = 0.02;
    all.length.steps = 60;
    all.length.validate_every = 20;
    return all;
  }
  SequenceRun train(const SequenceSettings& all, const std::string& name, Index sitting = 1000) const {
    for (ExistingRun existing = ExistingRun::kRefuse;; existing = ExistingRun::kResume) {
      LoopHooks hooks;
      hooks.stop = [left = sitting]() mutable { return left-- == 0; };
      SequenceRun run = train_sequence(all, RunDirectory(folder_ / name, existing), hooks);
      if (run.result.outcome != Outcome::kInterrupted) return run;
    }
  }

  const TemporaryFolder temporary_;
  const std::filesystem::path folder_ = temporary_.path();
};

TEST_F(SequenceTraining, SittingsLeaveNoTrace) {
  SequenceSettings music = settings("music.json", pieces());
  music.prediction.transpose = 3;
  music.network.hidden = "6,5";
  music.regularisation.dropout = "0.2";
  music.regularisation.output_dropout = "variational:0.2";
  music.optimizer.average_weights = 0.9;
  const SequenceSettings numbers = settings("sines.csv", sines());
  for (const SequenceSettings& all : {music, numbers}) {
    const std::string name = all.data.data[0] + "_";
    train(all, name + "whole");
    train(all, name + "parts", 23);
    const TensorFile whole = read_tensor_file(name + "whole/last.safetensors");
    const TensorFile parts = read_tensor_file(name + "parts/last.safetensors");
    ASSERT_EQ(parts.tensors.size(), whole.tensors.size());
    for (const auto& [key, tensor] : whole.tensors) EXPECT_EQ(parts.tensors.at(key).bytes, tensor.bytes) << key;
    EXPECT_EQ(read_file(name + "parts/model.safetensors"), read_file(name + "whole/model.safetensors"));
  }
}

TEST_F(SequenceTraining, LearnsSinesFarBetterThanRepeatingTheLastValue) {
  SequenceSettings all = settings("sines.csv", sines());
  all.length.steps = 300;
  all.length.validate_every = 50;
  const VectorEvaluation found = train(all, "run").valid;
  EXPECT_EQ(found.steps, 3 * 24);
  EXPECT_GT(found.r_squared(), 0.95);
  EXPECT_LT(found.squared_error(), 0.3 * found.last_squared_error().value());
  const LoadedSequenceModel saved = load_sequence_model(folder_ / "run");
  ASSERT_EQ(saved.statistics.noise.size(), 1U);
  EXPECT_GT(saved.statistics.noise[0], 0);
  EXPECT_LT(saved.statistics.noise[0], 0.3);  // of a deviation of 1
}

TEST_F(SequenceTraining, LearnsADelayLineFromOneColumnToAnother) {
  SequenceSettings all = settings("delays.csv", delays());
  all.data.reading.format = "long";
  all.prediction.targets = {"y"};
  all.length.steps = 400;
  all.length.validate_every = 100;
  const VectorEvaluation found = train(all, "run").valid;
  EXPECT_EQ(found.steps, 4 * 15);
  EXPECT_GT(found.r_squared(), 0.9);
}

TEST_F(SequenceTraining, LearnsWhichNotesTakeTurns) {
  SequenceSettings all = settings("music.json", pieces());
  all.length.steps = 150;
  const SequenceRun run = train(all, "run");
  EXPECT_EQ(run.sequences, 12);
  EXPECT_EQ(run.valid.steps, 3);
  EXPECT_LT(run.valid.cost, 1);  // of the 61 nats that 88 bits cost who knows nothing
  EXPECT_LT(run.valid.chain_nats, run.valid.alone_nats);

  LoadedSequenceModel saved = load_sequence_model(folder_ / "run");
  EXPECT_EQ(saved.format, "piano-roll");
  std::string written;
  predict_vectors(saved, all.data.data[0], {.part = "train"}, false, [&](std::string_view text) { written += text; });
  EXPECT_TRUE(written.starts_with("[[[64], [60], [64], ")) << written;
  std::string scores;
  predict_vectors(saved, all.data.data[0], {}, true, [&](std::string_view text) { scores += text; });
  EXPECT_TRUE(scores.starts_with("sequence_id,time,21,")) << scores.substr(0, 50);
}

TEST_F(SequenceTraining, WhatCannotBeLearntIsRefusedBeforeAnythingIsWritten) {
  SequenceSettings short_ones = settings("short.csv", "sequence_id,x\na,1\nb,2\nc,3\n");
  short_ones.data.held_out = 0.4;
  expect_error<InputError>([&] { train(short_ones, "run"); }, {"two steps"});
  SequenceSettings texts = settings("texts.all", "a one\nb two\na three\n");
  texts.data.held_out = 0.5;
  expect_error<InputError>([&] { train(texts, "run"); }, {"numbers"});
  SequenceSettings numbers = settings("sines.csv", sines());
  numbers.prediction.transpose = 2;
  expect_error<UsageError>([&] { train(numbers, "run"); }, {"--transpose"});
  numbers = settings("sines.csv", sines());
  numbers.network.bidirectional = true;
  expect_error<UsageError>([&] { train(numbers, "run"); }, {"--bidirectional"});
  numbers.network.bidirectional = false;
  numbers.prediction.target = "poisson";
  expect_error<UsageError>([&] { train(numbers, "run"); }, {"poisson"});
  EXPECT_FALSE(std::filesystem::exists(folder_ / "run"));
}

/// A model that has learnt nothing, for the data of a file.
struct Untrained {
  VectorData data;
  SequenceModel model;
};

Untrained untrained(SequenceSettings settings) {
  VectorData data = read_vector_data(settings);
  SequenceModelOptions options;
  options.hidden = {3};
  SequenceModel model(options, data.coding);
  return {std::move(data), std::move(model)};
}

TEST_F(SequenceTraining, ErrorsOfNumbersAreInTheirOwnUnits) {
  // Two sequences of two columns, one of them missing a value.
  SequenceSettings all = settings("two.csv", "sequence_id,a,b\np,1,100\np,3,200\np,2,\nq,5,400\nq,4,100\n");
  all.data.valid = all.data.data;
  auto [data, model] = untrained(all);
  const VectorEvaluation found = evaluate_vectors(model, nullptr, data.valid);
  EXPECT_EQ(found.steps, 3);
  ASSERT_EQ(found.columns.size(), 2U);
  EXPECT_EQ(found.columns[0].count, 3);
  EXPECT_EQ(found.columns[1].count, 2);
  constexpr double kRounding = 1e-4;
  EXPECT_NEAR(found.columns[0].last.value(), (4 + 1 + 1) / 3.0, kRounding);
  EXPECT_NEAR(found.columns[1].last.value(), (100.0 * 100 + 300 * 300) / 2, 0.1);
  EXPECT_NEAR(found.columns[0].mean, 2.0 / 3, kRounding);  // the variance of 3, 2, 4
  EXPECT_NEAR(found.columns[1].mean, 2500, 0.1);           // of 200, 100

  std::vector<const Sequence*> sequences = {&data.valid.sequences[0], &data.valid.sequences[1]};
  const std::vector<Tensor> outputs = model.outputs(sequences, SequenceKind::kVectors);
  const auto error = [&](const Tensor& y, Index row, double truth) {
    const double a = model.coding().restored(y.values().subspan(static_cast<std::size_t>(2 * row), 2))[0];
    return (a - truth) * (a - truth);
  };
  EXPECT_NEAR(found.columns[0].model, (error(outputs[0], 0, 3) + error(outputs[0], 1, 2) + error(outputs[1], 0, 4)) / 3,
              kRounding);
}

TEST_F(SequenceTraining, ChoralesCostWithoutANetworkWhatIsKnown) {
  const std::filesystem::path file = shared_data("music_jsb/jsb-chorales-quarter.json");
  UNFOLD_NEEDS(file);
  SequenceSettings all;
  all.data.data = {file.string()};
  auto [data, model] = untrained(all);
  EXPECT_EQ(data.train.sequences.size(), 229U);
  const SequenceData test = read_sequences(file.string(), {.part = "test"});
  const VectorEvaluation found = evaluate_vectors(model, &*data.statistics.chains, test);
  EXPECT_EQ(found.steps, 4648);
  EXPECT_NEAR(found.alone_nats, 11.09, 0.005);
  EXPECT_NEAR(found.chain_nats, 10.49, 0.005);
}

}  // namespace
}  // namespace unfold
