#include "recurrence/shapes/size_solver.h"

#include <gtest/gtest.h>

namespace unfold::recurrence {
namespace {

struct Reported {
  SizeSolver::Conflict conflict;
};

void report(const SizeSolver::Conflict& conflict) { throw Reported{conflict}; }

TEST(SizeSolver, EqualVariablesShareTheirSize) {
  SizeSolver solver;
  const auto a = solver.add();
  const auto b = solver.add();
  const auto c = solver.add(7, "c");
  solver.equate(a, b, report);
  EXPECT_FALSE(solver.size(a));
  solver.equate(b, c, report);
  EXPECT_EQ(solver.size(a), 7);
}

TEST(SizeSolver, ReportsWhereConflictingSizesComeFrom) {
  SizeSolver solver;
  const auto a = solver.add(7, "here");
  const auto b = solver.add(8, "there");
  try {
    solver.equate(a, b, report);
    FAIL();
  } catch (const Reported& reported) {
    EXPECT_EQ(reported.conflict.left.origin, "here");
    EXPECT_EQ(reported.conflict.right.size, 8);
  }
}

TEST(SizeSolver, SolvesSumsForTheirOneUnknown) {
  SizeSolver solver;
  const auto total = solver.add();
  const auto part = solver.add();
  solver.equate_sum(total, {part, part}, 1, "", report);
  const auto outer = solver.add(20, "");
  solver.equate_sum(outer, {total, solver.add(3, "")}, 0, "", report);
  solver.solve();
  EXPECT_EQ(solver.size(total), 17);
  EXPECT_FALSE(solver.size(part)) << "one variable twice is not one unknown";
  solver.equate(part, solver.add(8, ""), report);
  solver.solve();
  EXPECT_EQ(solver.size(part), 8);
}

TEST(SizeSolver, ReportsSumsThatDoNotCloseOrLeaveNothing) {
  SizeSolver wrong;
  wrong.equate_sum(wrong.add(5, ""), {wrong.add(3, "")}, 1, "", report);
  EXPECT_THROW(wrong.solve(), Reported);
  SizeSolver empty;
  empty.equate_sum(empty.add(5, ""), {empty.add()}, 5, "", report);
  EXPECT_THROW(empty.solve(), Reported);
}

}  // namespace
}  // namespace unfold::recurrence
