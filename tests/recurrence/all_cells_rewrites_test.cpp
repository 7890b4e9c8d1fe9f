// Every rewrite with every shipped cell: gradient against differences with the masks held fixed, plan against naive.
#include <gtest/gtest.h>

#include <set>

#include "recurrence/cell_text.h"
#include "recurrence/checks.h"
#include "recurrence/recurrent_cells.h"
#include "recurrence/rewrites/rewrites.h"

namespace unfold::recurrence {
namespace {

using Kind = Rewrite::Kind;

/// No message of these checks reaches this bound, so that differences, which know nothing of clipping, agree.
constexpr double kNever = 1e9;
/// Nearly every message exceeds this one.
constexpr double kAlways = 0.02;

const Rewrite kNaive{.kind = Kind::kNaiveDropout, .rate = 0.4};
const Rewrite kVariational{.kind = Kind::kVariationalDropout, .rate = 0.4};
const Rewrite kZoneout{.kind = Kind::kZoneout, .rate = 0.3};
const Rewrite kWeightDrop{.kind = Kind::kWeightDrop, .rate = 0.5};

Rewrite clip(double bound) { return {.kind = Kind::kMessageClip, .bound = bound}; }

class AllCellsRewrites : public testing::TestWithParam<std::string> {
 protected:
  Graph rewritten(const std::vector<Rewrite>& rewrites, Mode mode = Mode::kTraining) const {
    return apply_rewrites(shipped_graph(GetParam()), rewrites, mode);
  }

  /// Cells that multiply no previous state by a matrix; dropout of reads and weight drop refuse them.
  bool has_recurrent_matrix() const {
    return !std::set<std::string>{"indrnn", "min_gru", "min_lstm"}.contains(GetParam());
  }

  void expect_fits_only_recurrent_matrices(const Rewrite& rewrite) const {
    if (has_recurrent_matrix()) {
      expect_gradient_is_right(rewritten({rewrite}));
      expect_plan_is_right(rewritten({rewrite}));
    } else {
      EXPECT_THROW(rewritten({rewrite}), InputError);
    }
  }

  std::vector<Rewrite> all_of_them(double bound) const {
    if (!has_recurrent_matrix()) return {kZoneout, clip(bound)};
    return {clip(bound), kWeightDrop, kZoneout, kVariational};
  }
};

TEST_P(AllCellsRewrites, NaiveDropout) { expect_fits_only_recurrent_matrices(kNaive); }
TEST_P(AllCellsRewrites, VariationalDropout) { expect_fits_only_recurrent_matrices(kVariational); }
TEST_P(AllCellsRewrites, WeightDrop) { expect_fits_only_recurrent_matrices(kWeightDrop); }

TEST_P(AllCellsRewrites, Zoneout) {
  for (const Mode mode : {Mode::kTraining, Mode::kEvaluation}) {
    expect_gradient_is_right(rewritten({kZoneout}, mode));
    expect_plan_is_right(rewritten({kZoneout}, mode));
  }
}

TEST_P(AllCellsRewrites, MessageClip) {
  expect_gradient_is_right(rewritten({clip(kNever)}));
  expect_plan_is_right(rewritten({clip(kAlways)}));
}

TEST_P(AllCellsRewrites, AllTogether) {
  expect_gradient_is_right(rewritten(all_of_them(kNever)));
  for (const auto kind : {InputValues::Kind::kDense, InputValues::Kind::kOneHot, InputValues::Kind::kEmbedded}) {
    expect_plan_is_right(rewritten(all_of_them(kAlways)), kind);
  }
}

TEST_P(AllCellsRewrites, WithTeacherForcingOfAnyState) {
  const Graph plain = shipped_graph(GetParam());
  for (const StateDeclaration& state : plain.states) {
    if (state.counts_ticks) continue;
    std::vector<Rewrite> rewrites{{.kind = Kind::kTeacherForcing, .state = state.name}};
    for (const Rewrite& rewrite : {kVariational, kZoneout, kWeightDrop, clip(kNever)}) {
      rewrites.push_back(rewrite);
      try {
        rewritten(rewrites);
      } catch (const InputError&) {  // nothing that it acts on is left
        rewrites.pop_back();
      }
    }
    expect_gradient_is_right(rewritten(rewrites));
    rewrites.back() = clip(kAlways);
    expect_plan_is_right(rewritten(rewrites));
  }
}

TEST(CellsWithoutState, RefuseWhatActsOnStates) {
  for (const Rewrite& rewrite : {kNaive, kVariational, kZoneout, kWeightDrop}) {
    EXPECT_THROW(apply_rewrites(shipped_graph("mlp"), std::span(&rewrite, 1), Mode::kTraining), InputError);
  }
}

INSTANTIATE_TEST_SUITE_P(Cells, AllCellsRewrites, testing::ValuesIn(recurrent_cells()),
                         [](const auto& cell) { return cell.param; });

}  // namespace
}  // namespace unfold::recurrence
