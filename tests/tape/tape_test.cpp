#include "unfold/tape.h"

#include <gtest/gtest.h>

#include <array>

#include "tape/gradient_check.h"
#include "unfold/error.h"

namespace unfold {
namespace {

Tensor scalar(float value) { return Tensor(Shape{}, std::array{value}); }

TEST(Tape, BackwardAddsUpAllUsesOfAVariable) {
  Tape tape;
  const Variable x = tape.leaf(scalar(3));
  const Variable y = add(tape, multiply(tape, x, x), x);  // x^2 + x
  tape.backward(y);
  EXPECT_EQ(tape.value(y)[0], 12.0F);
  EXPECT_EQ((*tape.gradient(x))[0], 7.0F);
}

TEST(Tape, ParametersCollectGradientsOverRecordings) {
  Parameter w("w", {});
  w.edit()[0] = 2;
  Tape tape;
  for (int step = 0; step < 2; ++step) {
    tape.clear();
    tape.backward(multiply(tape, tape.parameter(w), tape.constant(scalar(5))));
  }
  EXPECT_EQ(w.gradient()[0], 10.0F);
}

TEST(Tape, FixedParametersAndConstantsGetNoGradient) {
  Parameter fixed("r", {}, false);
  fixed.edit()[0] = 2;
  Tape tape;
  const Variable x = tape.constant(scalar(3));
  const Variable y = multiply(tape, tape.parameter(fixed), x);
  EXPECT_FALSE(tape.needs_gradient(y));
  tape.backward(y);
  EXPECT_EQ(fixed.gradient()[0], 0.0F);
  EXPECT_EQ(tape.gradient(x), nullptr);
}

TEST(Tape, WithoutRecordingThereAreValuesOnly) {
  Tape tape(Tape::Recording::kOff);
  const Variable x = tape.leaf(scalar(3));
  const Variable y = multiply(tape, x, x);
  EXPECT_EQ(tape.value(y)[0], 9.0F);
  EXPECT_FALSE(tape.needs_gradient(y));
  EXPECT_THROW(tape.backward(y), ContractError);
}

TEST(Tape, AnyLengthRunsInOneLoop) {
  constexpr int kOperations = 100000;
  Tape tape;
  const Variable x = tape.leaf(scalar(1));
  const Variable one = tape.constant(scalar(1));
  Variable y = x;
  for (int i = 0; i < kOperations; ++i) y = add(tape, y, one);
  tape.backward(y);
  EXPECT_EQ(tape.value(y)[0], 100001.0F);
  EXPECT_EQ((*tape.gradient(x))[0], 1.0F);
}

TEST(Tape, ReferencesToValuesSurviveGrowth) {
  Tape tape;
  const Variable x = tape.leaf(scalar(4));
  const Tensor& value = tape.value(x);
  for (int i = 0; i < 1000; ++i) tape.constant(scalar(0));
  EXPECT_EQ(value[0], 4.0F);
}

TEST(Tape, VariablesEndWithClear) {
  Tape tape;
  const Variable x = tape.leaf(scalar(4));
  tape.clear();
  EXPECT_THROW(tape.value(x), ContractError);
  EXPECT_THROW(tape.value(Variable()), ContractError);
}

TEST(Tape, BackwardStartsFromAScalar) {
  Tape tape;
  const Variable x = tape.leaf(Tensor({2}));
  EXPECT_THROW(tape.backward(x), ContractError);
  EXPECT_THROW(tape.backward(x, Tensor({3})), ContractError);
}

TEST(Tape, ConsumingASharedValueCopiesIt) {
  const Tensor states(Shape{2}, std::vector<float>{3, 4});
  Tape tape;
  const Variable x = tape.leaf(Tensor(Shape{2}));
  const Variable y = tape.record(Tensor::shared_part(states, 0, {2}), {x}, [](Tape&, const Tensor&) {});
  Tensor consumed = tape.consume(y);
  consumed.fill(7);
  EXPECT_EQ(states[1], 4.0F);
}

TEST(Tape, AConsumedValueCannotBeRead) {
  Tape tape;
  const Variable x = tape.leaf(scalar(1));
  const Variable y = add(tape, x, x);
  EXPECT_EQ(tape.consume(y)[0], 2.0F);
  EXPECT_THROW(tape.value(y), ContractError);
  EXPECT_THROW(tape.consume(y), ContractError);
  EXPECT_EQ(tape.consume(x)[0], 1.0F);
  EXPECT_EQ(tape.value(x)[0], 1.0F) << "a leaf belongs to the caller";
}

TEST(Tape, JointResultsReceiveTheirOwnGradients) {
  Tape tape;
  const Variable x = tape.leaf(scalar(3));
  const std::array operands = {x};
  std::vector<Tensor> values;
  values.push_back(scalar(6));
  values.push_back(scalar(9));
  bool second_reached = true;
  const std::vector<Variable> results =
      tape.record(std::move(values), operands, [&](Tape& back, std::span<std::optional<Tensor>> dys) {
        second_reached = dys[1].has_value();
        back.add_gradient(x, *std::move(dys[0]));
      });
  tape.backward(results[0]);
  EXPECT_FALSE(second_reached);
  EXPECT_EQ((*tape.gradient(x))[0], 1.0F);
}

// The checker itself must notice a wrong derivative: x * x with dx = dy * x.
TEST(GradientCheck, NoticesAWrongDerivative) {
  const auto square = [](float factor) {
    return [factor](Tape& tape, const std::vector<Variable>& x) {
      const Variable y = multiply(tape, tape.constant(tape.value(x[0])), tape.constant(tape.value(x[0])));
      return tape.record(tape.value(y), {x[0]}, [=](Tape& back, Tensor dy) {
        for (Index i = 0; i < dy.count(); ++i) dy[i] *= factor * back.value(x[0])[i];
        back.add_gradient(x[0], std::move(dy));
      });
    };
  };
  EXPECT_LT(gradient_error({random_tensor({3, 5}, 1)}, square(2.0F)), kGradientTolerance);
  EXPECT_GT(gradient_error({random_tensor({3, 5}, 1)}, square(1.0F)), 0.1);
}

}  // namespace
}  // namespace unfold
