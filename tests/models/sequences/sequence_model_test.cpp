// Networks that predict vectors: gradients, what a batch does not change, files, and what is refused.
#include "unfold/sequence_model.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/expect_error.h"
#include "base/random.h"
#include "base/temporary_folder.h"
#include "layers/vectors/vector_output.h"
#include "models/safetensors.h"
#include "recurrence/parse/shipped_cells.h"
#include "tape/gradient_check.h"
#include "unfold/error.h"
#include "unfold/optimizer.h"

namespace unfold {
namespace {

/// Sequences of 5, 1 and 3 steps of `width` numbers: bits, symbols (in one column) or normal draws.
SequenceData data_of(VectorTarget target, Index width) {
  Random random(combine(3, static_cast<std::uint64_t>(target)));
  SequenceData data;
  data.kind = SequenceKind::kVectors;
  for (const Index length : {5, 1, 3}) {
    Sequence& sequence = data.sequences.emplace_back();
    sequence.values = Tensor({length, width});
    for (float& value : sequence.values.values()) {
      if (target == VectorTarget::kSquared) value = static_cast<float>(10 + 3 * random.normal());
      if (target == VectorTarget::kBernoulli) value = static_cast<float>(random.below(2));
      if (target == VectorTarget::kCategorical) value = static_cast<float>(random.below(3));
    }
  }
  return data;
}

struct Case {
  VectorTarget target;
  std::vector<std::string> targets;  // columns
};

const std::vector<Case> kCases = {{VectorTarget::kSquared, {}},
                                  {VectorTarget::kSquared, {"2"}},
                                  {VectorTarget::kBernoulli, {}},
                                  {VectorTarget::kBernoulli, {"1", "3"}},
                                  {VectorTarget::kCategorical, {}}};

struct Made {
  SequenceData data;
  SequenceModel model;
  VectorStepBatch batch;  // of all sequences
};

SequenceModelOptions small(const std::string& cell = "lstm") {
  SequenceModelOptions options{.cell = Cell::load(cell)};
  options.hidden = {4, 3};
  options.seed = 3;
  return options;
}

Made make(const Case& wanted, const SequenceModelOptions& options) {
  SequenceData data = data_of(wanted.target, wanted.target == VectorTarget::kCategorical ? 1 : 3);
  const VectorCoding coding = VectorCoding::of(data, wanted.target, wanted.targets);
  const std::vector<Index> all = {0, 1, 2};
  VectorStepBatch batch = batch_of_steps(data, coding, all);
  return {std::move(data), SequenceModel(options, coding), std::move(batch)};
}

std::vector<Tensor> outputs_of(SequenceModel& model, const SequenceData& data) {
  std::vector<const Sequence*> sequences;
  for (const Sequence& sequence : data.sequences) sequences.push_back(&sequence);
  return model.outputs(sequences, data.kind);
}

TEST(SequenceModel, ItsGradientIsThatOfItsLoss) {
  for (const Case& wanted : kCases) {
    SequenceModelOptions options = small("elman");
    options.hidden = {2, 2};
    options.dropout = {.input = {.rate = 0.3}, .between = {.rate = 0.3}, .output = {.rate = 0.3}};
    if (wanted.target == VectorTarget::kCategorical) options.label_smoothing = 0.1;
    auto [data, model, batch] = make(wanted, options);
    const Network network = [&, &made = model, &steps = batch](Tape& tape, const std::vector<Variable>&) {
      return made.loss(tape, steps, 0).objective;
    };
    // The loss is about 1, and its rounding is divided by the step of the differences. Entries of the gradient are
    // above 0.1, so that a wrong factor gives 1e-2 and more.
    constexpr double kRounding = 1e-3;
    EXPECT_LT(compare_gradients({}, network, model.parameters()).absolute, kRounding) << target_name(wanted.target);
  }
}

TEST(SequenceModel, TheLossIsTheMeanCostOfThePredictions) {
  for (const Case& wanted : kCases) {
    auto [data, model, batch] = make(wanted, small());
    Tape tape;
    const double loss = model.loss(tape, batch, 0).cost;
    const VectorCoding& coding = model.coding();
    const std::vector<Tensor> outputs = outputs_of(model, data);
    double sum = 0;
    for (std::size_t s = 0; s < 3; ++s) {
      for (Index t = 0; t < batch.unrolling.lengths()[s]; ++t) {
        const auto O = static_cast<std::size_t>(coding.outputs());
        const auto W = static_cast<std::size_t>(coding.targets());
        const auto row = static_cast<std::size_t>(batch.unrolling.row(static_cast<Index>(s), t));
        sum += model.output().cost(outputs[s].values().subspan(static_cast<std::size_t>(t) * O, O),
                                   batch.targets.values().subspan(row * W, W));
      }
    }
    EXPECT_NEAR(loss, sum / static_cast<double>(batch.unrolling.rows()), 1e-5) << target_name(wanted.target);
  }
}

TEST(SequenceModel, ASequenceIsPredictedInABatchAsAloneAndStepByStep) {
  constexpr double kOrderOfSums = 1e-5;  // products of other shapes add in another order
  for (const Case& wanted : kCases) {
    auto [data, model, batch] = make(wanted, small("gru"));
    const std::vector<Tensor> together = outputs_of(model, data);
    for (std::size_t s = 0; s < 3; ++s) {
      const Sequence* const one = &data.sequences[s];
      const Tensor alone = model.outputs({&one, 1}, data.kind).front();
      ASSERT_EQ(alone.shape(), together[s].shape());
      State state{.batch = 1};
      for (Index t = 0; t < alone.shape()[0]; ++t) {
        Tensor input({1, model.coding().inputs()});
        const auto F = model.coding().names.size();
        model.coding().read(one->values.values().subspan(static_cast<std::size_t>(t) * F, F), input.values());
        const Tensor step = model.step(input, state);
        for (Index o = 0; o < step.count(); ++o) {
          EXPECT_NEAR(alone[t * step.count() + o], together[s][t * step.count() + o], kOrderOfSums);
          EXPECT_NEAR(alone[t * step.count() + o], step[o], kOrderOfSums);
        }
      }
    }
  }
}

TEST(SequenceModel, SequencesWithoutStepsHaveNoOutputs) {
  auto [data, model, batch] = make(kCases[0], small());
  data.sequences = {data.sequences[0]};
  data.sequences[0].values = Tensor({0, 3});
  EXPECT_EQ(outputs_of(model, data)[0].shape(), (Shape{0, 3}));
}

TEST(SequenceModel, EveryCellLearns) {
  for (const recurrence::ShippedCell& shipped : recurrence::shipped_cell_table()) {
    const std::string cell(shipped.name);
    SequenceModelOptions options = small(cell);
    options.hidden = {6};
    auto [data, model, batch] = make({VectorTarget::kCategorical, {}}, options);
    Adam adam(model.parameters());
    Tape tape;
    double first = 0;
    double last = 0;
    for (std::uint64_t step = 0; step < 60; ++step) {
      tape.clear();
      const SequenceModel::Loss loss = model.loss(tape, batch, step);
      (step == 0 ? first : last) = loss.cost;
      tape.backward(loss.objective);
      adam.step(0.02, 1);
    }
    EXPECT_LT(last, first) << cell;
  }
}

TEST(SequenceModel, ASavedModelAnswersAsBefore) {
  const TemporaryFolder folder;
  const auto path = folder.path() / "model.safetensors";
  for (const Case& wanted : kCases) {
    SequenceModelOptions options = small();
    options.hidden = {4, 4};
    options.residual = true;
    options.dropout.between = {.mask = Dropout::Mask::kEverySequence, .rate = 0.25};
    options.rewrites = {{.kind = Rewrite::Kind::kZoneout, .rate = 0.1}};
    auto [data, model, batch] = make(wanted, options);
    const VectorCoding& coding = model.coding();
    SequenceStatistics statistics;
    statistics.start.assign(static_cast<std::size_t>(coding.inputs()), 0.5F);
    if (wanted.target == VectorTarget::kSquared) {
      statistics.noise.assign(static_cast<std::size_t>(coding.targets()), 0.25F);
    } else {
      statistics.chains.emplace(coding.targets(), coding.chain_symbols());
      statistics.chains->count(Tensor({2, coding.targets()}));
    }
    save_sequence_model(path, model, statistics, {ReadOptions{.sequence = "who"}}, "jsonl");
    EXPECT_TRUE(is_sequence_model(folder.path()));
    EXPECT_FALSE(is_labelling_model(folder.path()));
    LoadedSequenceModel loaded = load_sequence_model(folder.path());
    EXPECT_EQ(loaded.model.coding(), coding);
    EXPECT_EQ(loaded.reading.options.sequence, "who");
    EXPECT_EQ(loaded.format, "jsonl");
    EXPECT_EQ(loaded.statistics.start, statistics.start);
    EXPECT_EQ(loaded.statistics.noise, statistics.noise);
    ASSERT_EQ(loaded.statistics.chains.has_value(), statistics.chains.has_value());
    if (statistics.chains) {
      EXPECT_THAT(loaded.statistics.chains->after(), testing::ElementsAreArray(statistics.chains->after()));
    }
    const std::vector<Tensor> before = outputs_of(model, data);
    const std::vector<Tensor> after = outputs_of(loaded.model, data);
    for (std::size_t s = 0; s < before.size(); ++s) {
      EXPECT_THAT(after[s].values(), testing::ElementsAreArray(before[s].values()));
    }
  }
}

TEST(SequenceModel, ADamagedFileIsRefused) {
  const TemporaryFolder folder;
  const auto path = folder.path() / "model";
  auto [data, model, batch] = make(kCases[2], small());
  SequenceStatistics statistics{.start = {0, 0, 0}, .noise = {}};
  statistics.chains.emplace(3, 2);
  save_sequence_model(path, model, statistics, {}, "long");
  const TensorFile whole = read_tensor_file(path);
  const auto expect_refused = [&](const auto& change, const std::string& message) {
    TensorFile file = whole;
    change(file);
    write_tensor_file(path, file);
    expect_error<InputError>([&] { load_sequence_model(path); }, {message});
  };
  expect_refused([](TensorFile& file) { file.tensors.erase("output.W"); }, "output.W");
  expect_refused([](TensorFile& file) { file.tensors.erase("baseline.alone"); }, "baseline.alone");
  expect_refused([](TensorFile& file) { file.tensors["more"] = StoredTensor::of(Tensor({1})); }, "more");
  expect_refused([](TensorFile& file) { file.metadata["configuration"] = "{}"; }, "configuration");
  expect_refused([](TensorFile& file) { file.metadata["columns"] = "[\"a\"]"; }, "columns");
  expect_refused([](TensorFile& file) { file.metadata["format"] = "unfold tagger"; }, "sequence model");
  expect_refused(
      [](TensorFile& file) {
        file.tensors["output.b"] = StoredTensor::of(Tensor({3}, std::vector<float>{9, 0, 0}));
      },
      "self-test");
}

TEST(SequenceModel, WhatMakesNoSenseIsRefusedWithTheReason) {
  const auto expect_refused = [](const Case& wanted, const auto& change, const std::string& message) {
    SequenceModelOptions options = small();
    change(options);
    expect_error<UsageError>([&] { make(wanted, options); }, {message});
  };
  const Case numbers = kCases[0];
  expect_refused(
      numbers, [](SequenceModelOptions& options) { options.bidirectional = true; }, "--targets");
  expect_refused(
      numbers, [](SequenceModelOptions& options) { options.label_smoothing = 0.1; }, "symbol");
  expect_refused(
      numbers, [](SequenceModelOptions& options) { options.dropout.words = 0.1; }, "--embedding-dropout");
  expect_refused(
      numbers, [](SequenceModelOptions& options) { options.dropout.input.rate = 1; }, "below 1");
  expect_refused(
      numbers,
      [](SequenceModelOptions& options) {
        options.rewrites = {{Rewrite::Kind::kTeacherForcing, "h"}};
      },
      "categorical");
  SequenceModelOptions both = small();
  both.bidirectional = true;
  EXPECT_EQ(make(kCases[1], both).model.coding().outputs(), 1);
}

TEST(SequenceModel, ACellThatWritesSymbolsNeedsNoOutputLayerAndTakesATeacher) {
  SequenceModelOptions options = small("jordan");
  options.hidden = {5};
  options.rewrites = {{Rewrite::Kind::kTeacherForcing, "y"}};
  auto [data, model, batch] = make({VectorTarget::kCategorical, {}}, options);
  for (const Parameter* parameter : model.parameters()) EXPECT_FALSE(parameter->name().starts_with("output."));
  Tape tape;
  EXPECT_GT(model.loss(tape, batch, 0).cost, 0);
}

}  // namespace
}  // namespace unfold
