// However threads share the loop over ticks, every bit of a training step is the same.
#include "recurrence/run/loop.h"

#include <gtest/gtest.h>

#include "base/random.h"
#include "base/thread_count_kept.h"
#include "recurrence/precisions.h"
#include "recurrence/recurrent_cells.h"
#include "recurrence/rewrites/rewrites.h"
#include "recurrence/run/executor.h"

namespace unfold::recurrence {
namespace {

Tensor random_tensor(Shape shape, Random& random) {
  Tensor result(std::move(shape));
  for (float& value : result.values()) value = random.uniform() - 0.5F;
  return result;
}

/// What a training step reads, drawn at random; its sequences end one after another.
class Step {
 public:
  Step(const std::string& cell, Index hidden, std::vector<Rewrite> rewrites)
      : graph_(apply_rewrites(build_graph(Cell::load(cell).definition(), {5, hidden, 7}), rewrites, Mode::kTraining)) {
    Random random(8);
    for (const InputDeclaration& input : graph_.inputs) {
      const Index size = input.shape.count();
      dense_.push_back(random_tensor({unrolling_.rows(), size}, random));
      tokens_.emplace_back();
      for (Index row = 0; row < unrolling_.rows(); ++row) {
        tokens_.back().push_back(static_cast<std::int32_t>(random.below(static_cast<std::uint64_t>(size))));
      }
    }
    for (const GivenDeclaration& given : graph_.givens) {
      givens_.push_back(random_tensor({unrolling_.batch(), given.shape.count()}, random));
    }
    for (const StateDeclaration& state : graph_.states) {
      initial_.push_back(random_tensor({unrolling_.batch(), state.shape.count()}, random));
    }
    for (const ParameterDeclaration& declaration : graph_.parameters) {
      const Shape shape = declaration.per_tick ? Shape{2, declaration.shape[1]} : declaration.shape;
      parameters_.push_back(std::make_unique<Parameter>(declaration.name, shape, declaration.trainable));
      parameters_.back()->edit() = random_tensor(shape, random);
      list_.push_back(parameters_.back().get());
    }
    output_gradient_ = random_tensor({unrolling_.rows(), graph_[graph_.output].size()}, random);
  }

  /// All results of the step, as bits; the loop shared so among `threads`.
  std::vector<std::vector<float>> run(LoopSplit split, int threads, Precision precision) {
    set_thread_count(threads);
    Workload workload;
    workload.precision = precision;
    Executor executor(graph_, true, workload);
    executor.force_split(split);
    ForwardArguments arguments;
    arguments.unrolling = &unrolling_;
    for (std::size_t i = 0; i < dense_.size(); ++i) {
      const bool is_token = graph_.inputs[i].forces_state >= 0;
      arguments.inputs.push_back({is_token ? InputValues::Kind::kOneHot : InputValues::Kind::kDense,
                                  is_token ? nullptr : &dense_[i], tokens_[i]});
    }
    for (const Tensor& given : givens_) arguments.givens.push_back(&given);
    arguments.mode = Mode::kTraining;
    arguments.keys.seed = 9;
    arguments.keep_for_backward = true;
    ForwardResult forward;
    const auto memory = executor.forward(arguments, initial_, list_, forward);
    BackwardArguments back;
    back.output_gradient = output_gradient_;
    back.final_gradient = &forward.final;
    back.want_input_gradient = true;
    back.want_initial_gradient = true;
    for (Parameter* parameter : list_) parameter->gradient().fill(0.0F);
    const BackwardResult gradients = executor.backward(*memory, back, list_);
    std::vector<std::vector<float>> bits;
    const auto add = [&](const Tensor& tensor) { bits.emplace_back(tensor.values().begin(), tensor.values().end()); };
    add(forward.output);
    for (const std::vector<Tensor>* tensors :
         {&std::as_const(forward.final), &gradients.inputs, &gradients.initial, &gradients.givens}) {
      for (const Tensor& tensor : *tensors) add(tensor);
    }
    for (Parameter* parameter : list_) add(parameter->gradient());
    return bits;
  }

 private:
  Graph graph_;
  Unrolling unrolling_ = Unrolling::ragged(std::vector<Index>{6, 5, 6, 1, 3, 6, 0, 4, 2, 6, 5});
  std::vector<Tensor> dense_, givens_;
  std::vector<std::vector<std::int32_t>> tokens_;
  CellState initial_;
  std::vector<std::unique_ptr<Parameter>> parameters_;
  ParameterList list_;
  Tensor output_gradient_;
};

class SharedLoop : public ::testing::Test {
 protected:
  void expect_one_result(Step step) {
    for (const Precision precision : precisions()) {
      const auto alone = step.run(LoopSplit::kAlone, 1, precision);
      EXPECT_EQ(alone, step.run(LoopSplit::kRows, 2, precision));
      if (!kernels::columns_are_independent()) continue;
      for (const int threads : {1, 2, 3}) {
        EXPECT_EQ(alone, step.run(LoopSplit::kColumns, threads, precision)) << threads << " threads";
      }
    }
  }

 private:
  const ThreadCountKept kept_;
};

class Loops : public SharedLoop, public ::testing::WithParamInterface<std::string> {};

TEST_P(Loops, GiveTheSameBits) {
  expect_one_result(Step(GetParam(), 128, {}));  // two blocks of units, for three threads
  expect_one_result(Step(GetParam(), 70, {}));   // blocks of columns that are not blocks of units
}

TEST_P(Loops, GiveTheSameBitsUnderRewrites) {
  expect_one_result(
      Step(GetParam(), 192,
           {{.kind = Rewrite::Kind::kZoneout, .rate = 0.1}, {.kind = Rewrite::Kind::kMessageClip, .bound = 0.5}}));
}

TEST_F(SharedLoop, GivesTheSameBitsUnderMasks) {
  expect_one_result(Step(
      "lstm_layernorm", 192,
      {{.kind = Rewrite::Kind::kVariationalDropout, .rate = 0.25}, {.kind = Rewrite::Kind::kWeightDrop, .rate = 0.3}}));
}

INSTANTIATE_TEST_SUITE_P(EveryCell, Loops, ::testing::ValuesIn(recurrent_cells()),
                         [](const auto& cell) { return cell.param; });

}  // namespace
}  // namespace unfold::recurrence
