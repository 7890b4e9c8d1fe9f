// Windows of steps: those around each, and the first of a sequence.
#include "unfold/window.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>

#include "unfold/error.h"

namespace unfold {
namespace {

using testing::ElementsAre;

// Sequences 10 11 12, (none), 20: rows 10 20 11 12, since the longest stands first.
const Unrolling kUnrolling = Unrolling::ragged(std::array<Index, 3>{3, 0, 1});

Variable steps(Tape& tape) { return tape.constant(Tensor({4, 1}, std::array{10.0F, 20.0F, 11.0F, 12.0F})); }

TEST(Window, HasTheStepsAroundEachWithZerosBeyondTheEnds) {
  Tape tape;
  const Tensor& windows = tape.value(steps_around(tape, steps(tape), kUnrolling, 1));
  EXPECT_EQ(windows.shape(), (Shape{4, 3}));
  EXPECT_THAT(windows.values(), ElementsAre(0, 10, 11, 0, 20, 0, 10, 11, 12, 11, 12, 0));
  EXPECT_THAT(tape.value(steps_around(tape, steps(tape), kUnrolling, 0)).values(), ElementsAre(10, 20, 11, 12));
}

TEST(Window, HasTheFirstStepsOfEachSequenceInTheCallersOrder) {
  Tape tape;
  const Tensor& two = tape.value(first_steps(tape, steps(tape), kUnrolling, 2));
  EXPECT_EQ(two.shape(), (Shape{3, 2}));
  EXPECT_THAT(two.values(), ElementsAre(10, 11, 0, 0, 20, 0));
  EXPECT_THAT(tape.value(first_steps(tape, steps(tape), kUnrolling, 4)).values(),
              ElementsAre(10, 11, 12, 0, 0, 0, 0, 0, 20, 0, 0, 0));
}

TEST(Window, RefusesOtherRowsAndNothing) {
  Tape tape;
  const Variable other = tape.constant(Tensor({3, 1}));
  EXPECT_THROW(steps_around(tape, other, kUnrolling, 1), ContractError);
  EXPECT_THROW(first_steps(tape, other, kUnrolling, 1), ContractError);
  EXPECT_THROW(steps_around(tape, steps(tape), kUnrolling, -1), ContractError);
  EXPECT_THROW(first_steps(tape, steps(tape), kUnrolling, 0), ContractError);
}

}  // namespace
}  // namespace unfold
