// What masks a model really sees: a cell whose output is the mask itself.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "recurrence/cell_text.h"
#include "recurrence/run/masks.h"
#include "unfold/recurrence.h"

namespace unfold::recurrence {
namespace {

using Kind = Rewrite::Kind;

constexpr Index kUnits = 16;
constexpr double kRate = 0.25;

/// Both states stay 1; the output is W_1 h, W_2 h, V s with identity matrices: the masks that those products read.
const char* const kShowMasks =
    "cell show\ninput x\nstate h = 1, s = 1\nh' = 0 * h + 1 + 0 * (U x)\ns' = 0 * s + 1\n"
    "a[hidden] = W_1 h\nb[hidden] = W_2 h\nc[hidden] = V s\noutput [a, b, c]\ninit W_1 = identity\ninit W_2 = "
    "identity\ninit V = identity\n";

/// The masks of one run, [T, 3 * kUnits].
std::vector<std::vector<float>> masks_of(Kind kind, Index ticks, const MaskKeys& keys) {
  Recurrence recurrence(Cell::parse(kShowMasks, "show.cell"), {1, kUnits, 0}, {{.kind = kind, .rate = kRate}});
  const Unrolling unrolling = Unrolling::equal(ticks, 1);
  const Tensor x({ticks, 1});
  ForwardArguments arguments;
  arguments.unrolling = &unrolling;
  arguments.inputs = {{InputValues::Kind::kDense, &x, {}}};
  arguments.mode = Mode::kTraining;
  arguments.keys = keys;
  const Tensor output = recurrence.forward(arguments).output;
  std::vector<std::vector<float>> result;
  for (Index tick = 0; tick < ticks; ++tick) {
    const float* row = output.data() + tick * 3 * kUnits;
    result.emplace_back(row, row + 3 * kUnits);
  }
  return result;
}

std::vector<float> part(const std::vector<float>& row, Index which) {
  return {row.begin() + which * kUnits, row.begin() + (which + 1) * kUnits};
}

TEST(DropoutMasks, AreZeroOrScaledUp) {
  for (const Kind kind : {Kind::kNaiveDropout, Kind::kVariationalDropout}) {
    std::set<float> values;
    for (const auto& row : masks_of(kind, 8, {})) values.insert(row.begin(), row.end());
    EXPECT_EQ(values, (std::set<float>{0.0F, static_cast<float>(1 / (1 - kRate))}));
  }
}

TEST(DropoutMasks, VariationalOnesAreConstantOverTimeAndNaiveOnesAreNot) {
  const auto variational = masks_of(Kind::kVariationalDropout, 8, {});
  for (const auto& row : variational) EXPECT_EQ(row, variational[0]);
  const auto naive = masks_of(Kind::kNaiveDropout, 8, {});
  EXPECT_EQ(std::set(naive.begin(), naive.end()).size(), naive.size());
}

TEST(DropoutMasks, AreOnePerState) {
  for (const Kind kind : {Kind::kNaiveDropout, Kind::kVariationalDropout}) {
    for (const auto& row : masks_of(kind, 3, {})) {
      EXPECT_EQ(part(row, 0), part(row, 1)) << "all products of h read the same masked h";
      EXPECT_NE(part(row, 0), part(row, 2));
    }
  }
}

TEST(DropoutMasks, OfAVariationalSequenceLastAsLongAsTheTrainingStep) {
  MaskKeys keys{.seed = 3, .training_step = 7, .first_tick = 0, .sequences = {42}};
  const auto first = masks_of(Kind::kVariationalDropout, 1, keys);
  keys.first_tick = 20;
  EXPECT_EQ(masks_of(Kind::kVariationalDropout, 1, keys), first) << "a later window of the same sequence";
  EXPECT_NE(masks_of(Kind::kNaiveDropout, 1, keys),
            masks_of(Kind::kNaiveDropout, 1, {.seed = 3, .training_step = 7, .sequences = {42}}));
  keys.sequences = {43};
  EXPECT_NE(masks_of(Kind::kVariationalDropout, 1, keys), first) << "another sequence";
  keys.sequences = {42};
  keys.training_step = 8;
  EXPECT_NE(masks_of(Kind::kVariationalDropout, 1, keys), first) << "the next training step";
}

// --- the lectures' trivia: with naive dropout of 0.1, a memory survives 10 ticks with 0.9^10 = 0.349, 100 with 2.66e-5
// ---

/// h' = W h with W the identity: a unit is not zero as long as no mask was. Counts those of `batch` * kUnits.
Index survivors(Kind kind, Index ticks, Index batch) {
  const char* const cell = "cell memory\ninput x\nstate h = 1\nh' = W h + 0 * (U x)\noutput h'\ninit W = identity\n";
  Recurrence recurrence(Cell::parse(cell, "memory.cell"), {1, kUnits, 0}, {{.kind = kind, .rate = 0.1}});
  const Unrolling unrolling = Unrolling::equal(ticks, batch);
  const Tensor x({unrolling.rows(), 1});
  ForwardArguments arguments;
  arguments.unrolling = &unrolling;
  arguments.inputs = {{InputValues::Kind::kDense, &x, {}}};
  arguments.mode = Mode::kTraining;
  const ForwardResult result = recurrence.forward(arguments);
  return std::ranges::count_if(result.final[0].values(), [](float value) { return value != 0; });
}

/// Five standard errors of a share `p` among `draws`.
double five_errors(double p, double draws) { return 5 * std::sqrt(p * (1 - p) / draws); }

TEST(DropoutTrivia, TenTicksOfNaiveDropoutLeaveAThird) {
  const double p = std::pow(0.9, 10);
  EXPECT_NEAR(p, 0.349, 5e-4);
  const Index batch = 2000;
  const double draws = static_cast<double>(batch * kUnits);
  EXPECT_NEAR(static_cast<double>(survivors(Kind::kNaiveDropout, 10, batch)) / draws, p, five_errors(p, draws));
  EXPECT_NEAR(static_cast<double>(survivors(Kind::kVariationalDropout, 10, batch)) / draws, 0.9,
              five_errors(0.9, draws))
      << "a variational mask costs once, however long the sequence";
}

/// Of `units`, how many no mask of ticks [first, last) was zero for.
double share_unmasked(Index units, Index first, Index last) {
  const MaskDeclaration mask{"h", Shape{units}, 0.1, 1 / 0.9, true};
  std::vector<float> product(at(units), 1.0F);
  std::vector<float> drawn(at(units));
  for (Index tick = first; tick < last; ++tick) {
    draw_mask(mask, mask_key(0, MaskKeys{}, 0), 0, tick, drawn.data());
    for (std::size_t i = 0; i < drawn.size(); ++i) product[i] *= drawn[i];
  }
  return static_cast<double>(units - std::ranges::count(product, 0.0F)) / static_cast<double>(units);
}

/// Ticks are independent, so the share that survives 100 is the product of the shares that survive each ten; every
/// factor comes from all units. Relative error of a factor: sqrt((1 - p) / (p n)); of the product of ten: sqrt(10)
/// times.
TEST(DropoutTrivia, AHundredTicksLeaveNextToNothing) {
  const double expected = std::pow(0.9, 100);
  EXPECT_NEAR(expected, 2.66e-5, 5e-8);
  const Index units = 200000;
  double survival = 1;
  for (Index ten = 0; ten < 10; ++ten) survival *= share_unmasked(units, 10 * ten, 10 * ten + 10);
  const double p = std::pow(0.9, 10);
  const double relative = 5 * std::sqrt(10 * (1 - p) / (p * static_cast<double>(units)));  // 4.8 %
  EXPECT_NEAR(survival / expected, 1, relative);
}

/// The independence that the test above rests on, seen directly: of two million units 53 +- 7 survive all ticks.
TEST(DropoutTrivia, AHundredTicksCountedDirectly) {
  const MaskDeclaration mask{"h", Shape{4}, 0.1, 1 / 0.9, true};
  const Index groups = 500000;
  double count = 0;
  for (Index group = 0; group < groups; ++group) {
    float alive[4] = {1, 1, 1, 1};
    float drawn[4];
    for (Index tick = 0; tick < 100 && alive[0] + alive[1] + alive[2] + alive[3] > 0; ++tick) {
      draw_mask(mask, mask_key(0, MaskKeys{}, group), 0, tick, drawn);
      for (int i = 0; i < 4; ++i) alive[i] = drawn[i] == 0 ? 0 : alive[i];
    }
    for (const float unit : alive) count += unit;
  }
  const double expected = std::pow(0.9, 100) * static_cast<double>(4 * groups);
  EXPECT_NEAR(count, expected, 5 * std::sqrt(expected));  // a rare event's count: variance = mean
}

}  // namespace
}  // namespace unfold::recurrence
