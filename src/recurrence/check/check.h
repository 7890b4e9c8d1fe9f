// Checks of a cell that need no faith: its gradient against finite differences in float64, and the plan against the
// plain step-by-step evaluation in float32.
#pragma once

#include <string>
#include <vector>

#include "recurrence/gradient.h"
#include "recurrence/run/naive.h"
#include "unfold/recurrence.h"

namespace unfold::recurrence {

/// Largest disagreement found in one array.
struct Disagreement {
  std::string name;  // "parameter W_xi", "input x", "initial c", "output", "final h"
  Index entries = 0;
  double worst = 0;  // relative, as the check defines it
  Index where = 0;   // flat index of the worst entry
  double found = 0;  // the value under test there
  double expected = 0;
};

/// The same where rows of a tick read one another. A check has two or three rows a tick: then little but rounding may
/// be left of a gradient through their mean and variance (of two rows, 1e-5 / variance of what it is the difference
/// of), and rows that happen to be equal are divided by the square root of 1e-5. With dozens of rows kPlanTolerance
/// holds.
inline constexpr double kFewRowsPlanTolerance = 5e-3;

/// Of these two the one for the checks of `graph`.
double plan_tolerance(const Graph& graph);

struct CheckReport {
  std::vector<Disagreement> gradients;  // analytic against finite differences
  std::vector<Disagreement> plan;       // planned against naive
  double plan_tolerance = 0;
  bool gradients_pass = false;
  bool plan_pass = false;
  bool pass() const { return gradients_pass && plan_pass; }
};

/// Relative error below which a gradient in float64 counts as right. Fourth-order differences with step 1e-4 leave
/// about 1e-12 of rounding and truncation, and entries count as at least 1e-3 of their tensor's largest, so 1e-9 is to
/// be expected; 1e-6 leaves room for badly scaled cells and none for a wrong derivative.
inline constexpr double kGradientTolerance = 1e-6;

/// Difference between planned and naive float32 results, relative to the largest entry of the array: a few dozen
/// roundings of 6e-8 from other orders of summation, amplified over the ticks.
inline constexpr double kPlanTolerance = 2e-5;

/// The same where products round their operands to bfloat16, by 2^-9 at most: a gradient passes through several
/// products per tick, and layer normalisation of a few units divides by small deviations. A wrong product errs by
/// about 1.
inline constexpr double kBfloat16PlanTolerance = 0.1;

struct CheckOptions {
  Sizes sizes{3, 5, 7};
  std::vector<Rewrite> rewrites;
  std::vector<Index> lengths{4, 2, 0, 3};
  std::uint64_t seed = 1;
};

/// Ticks of which a check point has stored statistics; later ones reuse the last.
inline constexpr Index kStoredTicks = 2;

/// The values of one check, drawn at random: everything a run reads, and the projection that makes a loss of its
/// results.
struct CheckPoint {
  Unrolling unrolling;
  NaiveArguments<double> arguments;
  std::vector<double> output_weights;  // loss = sum output_weights * output + sum final_weights * final
  std::vector<std::vector<double>> final_weights;
};

CheckPoint draw_check_point(const Graph& graph, const CheckOptions& options, std::uint64_t seed);

/// Analytic gradient of `gradient` against differences of `graph`, every entry of parameters, inputs, givens and
/// initial states. Points near a kink, or where the loss is not finite, are drawn again; throws InputError if none is
/// found.
std::vector<Disagreement> check_gradient(const Graph& graph, const GradientGraph& gradient,
                                         const CheckOptions& options);

/// Planned against naive execution of `graph`, forward and backward. Token inputs are checked as one-hot where `kind`
/// says so.
std::vector<Disagreement> check_plan(const Graph& graph, const CheckOptions& options, InputValues::Kind kind,
                                     Precision precision = Precision::kFloat32);

/// The same at a given point.
std::vector<Disagreement> compare_plan(const Graph& graph, const CheckPoint& point, InputValues::Kind kind,
                                       Precision precision = Precision::kFloat32);

/// Both, of a cell with its rewrites. The message clip changes the gradient on purpose: differences check what it
/// clips.
CheckReport check_cell(const Cell& cell, const CheckOptions& options);

/// How far `found` is from `expected`, relative to each entry, which counts as at least `floor` of the largest.
Disagreement disagreement(std::string name, const std::vector<double>& found, const std::vector<double>& expected,
                          double floor);

/// The largest of the disagreements; null if there are none.
const Disagreement* worst_of(const std::vector<Disagreement>& list);

}  // namespace unfold::recurrence
