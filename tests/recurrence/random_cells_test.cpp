// Plans of cells that nobody wrote: random equations, planned against naive execution, and their gradient against
// differences. Shapes of recurrence that no shipped cell has (states that only delay, several levels of products,
// values shared between gates) turn up here.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cmath>

#include "base/random.h"
#include "recurrence/check/check.h"
#include "recurrence/graph/build_graph.h"
#include "recurrence/rewrites/rewrites.h"
#include "unfold/error.h"

namespace unfold::recurrence {
namespace {

/// Ten times that of the shipped cells: softmax and layer_norm of one another amplify rounding.
constexpr double kTolerance = 10 * kPlanTolerance;

/// Standardising what hardly varies curves so sharply that differences see their own step; a wrong derivative is wrong
/// by far more.
constexpr double kGradientBlunder = 1e-3;

class RandomCell {
 public:
  explicit RandomCell(std::uint64_t seed) : random_(seed) {}

  std::string text() {
    const auto states = static_cast<int>(1 + random_.below(3));
    std::string text = "cell random\ninput x\ngiven z[4]\nstate ";
    for (int s = 0; s < states; ++s) {
      text += (s == 0 ? "" : ", ") + state(s);
      values_.push_back(state(s));
    }
    text += "\n";
    std::string sum = "W_x x + W_z z";
    for (int s = 0; s < states; ++s) sum += " + s_" + std::to_string(s);  // every previous value is read somewhere
    const auto lines = static_cast<int>(2 + random_.below(6));
    for (int line = 0; line < lines; ++line) {
      const std::string name = "v_" + std::to_string(line);
      text += fmt::format("{}[hidden] = {}\n", name, bounded(3));
      values_.push_back(name);
      sum += " + " + name;
    }
    for (int s = 0; s < states; ++s) {
      text += fmt::format("{}' = {}\n", state(s), random_.below(6) == 0 ? pick() : bounded(3));
      if (random_.below(2) == 0) values_.push_back(state(s) + "'");
    }
    text += fmt::format("output {}\n", sum);
    return text;
  }

 private:
  static std::string state(int s) { return "s_" + std::to_string(s); }
  std::string pick() { return values_[random_.below(values_.size())]; }
  std::string product() { return fmt::format("{} * {}", pick(), pick()); }
  std::string matrix() { return "U_" + std::to_string(matrices_++); }

  /// An expression of size hidden whose values stay small.
  std::string bounded(int depth) {
    const char* functions[] = {"tanh", "sigmoid", "softmax", "layer_norm", "tanh", "sigmoid"};
    return fmt::format("{}({})", functions[random_.below(6)], expression(depth));
  }

  std::string expression(int depth) {
    if (depth == 0) return pick();
    switch (random_.below(11)) {
      case 0: return fmt::format("{} {}", matrix(), pick());
      case 1: return fmt::format("{} x", matrix());
      case 2: return fmt::format("{} [{}, x, {}]", matrix(), pick(), pick());
      case 3: return fmt::format("({} + {})", expression(depth - 1), expression(depth - 1));
      case 4: return fmt::format("({} * {})", expression(depth - 1), expression(depth - 1));
      case 5: return fmt::format("({} - {})", expression(depth - 1), expression(depth - 1));
      case 6: return fmt::format("(b_{} + {} ({}))", matrices_++, matrix(), product());
      case 7: return fmt::format("(mean({}) * {})", product(), pick());
      case 8: return fmt::format("[{}[2:], {}[0:2]]", pick(), pick());
      case 9: return fmt::format("({} + {} z + {} x)", expression(depth - 1), matrix(), matrix());
      default: return pick();
    }
  }

  Random random_;
  std::vector<std::string> values_;
  int matrices_ = 0;
};

/// The step with as many rewrites as fit it.
Graph rewritten(const Graph& graph) {
  std::vector<Rewrite> rewrites{{.kind = Rewrite::Kind::kZoneout, .rate = 0.3},
                                {.kind = Rewrite::Kind::kMessageClip, .bound = 0.1},
                                {.kind = Rewrite::Kind::kWeightDrop, .rate = 0.4},
                                {.kind = Rewrite::Kind::kVariationalDropout, .rate = 0.4}};
  try {
    return apply_rewrites(graph, rewrites, Mode::kTraining);
  } catch (const InputError&) {  // no product reads a previous state
    rewrites.resize(2);
    return apply_rewrites(graph, rewrites, Mode::kTraining);
  }
}

TEST(RandomCells, RewrittenPlanEqualsNaive) {
  for (std::uint64_t seed = 1; seed <= 100; ++seed) {
    const std::string text = RandomCell(seed).text();
    const Graph graph = rewritten(build_graph(Cell::parse(text, "random.cell").definition(), {3, 5, 7}));
    CheckOptions options;
    options.lengths = {4, 0, 2, 3, 1};
    for (const Disagreement& found : check_plan(graph, options, InputValues::Kind::kDense)) {
      if (found.worst < kTolerance) continue;
      ASSERT_LT(std::abs(found.found - found.expected), kTolerance) << "seed " << seed << ": " << found.name << "\n"
                                                                    << text;
    }
  }
}

TEST(RandomCells, PlanEqualsNaiveAndGradientEqualsDifferences) {
  for (std::uint64_t seed = 1; seed <= 150; ++seed) {
    const std::string text = RandomCell(seed).text();
    const Graph graph = build_graph(Cell::parse(text, "random.cell").definition(), {3, 5, 7});
    for (const auto kind : {InputValues::Kind::kDense, InputValues::Kind::kOneHot, InputValues::Kind::kEmbedded}) {
      for (const std::vector<Index>& lengths : {std::vector<Index>{3, 3}, {4, 0, 2, 3, 1}}) {
        CheckOptions options;
        options.lengths = lengths;
        for (const Disagreement& found : check_plan(graph, options, kind)) {
          if (found.worst < kTolerance) continue;
          // The mean of something standardised is nothing but rounding: what is tiny may differ by as much as it is.
          ASSERT_LT(std::abs(found.found - found.expected), kTolerance)
              << "seed " << seed << ": " << found.name << ", kind " << static_cast<int>(kind) << "\n"
              << text;
        }
      }
    }
    if (seed % 10 != 0) continue;
    const auto found = check_gradient(graph, differentiate(graph), {});
    ASSERT_LT(worst_of(found)->worst, kGradientBlunder) << "seed " << seed << ": " << worst_of(found)->name << "\n"
                                                        << text;
  }
}

}  // namespace
}  // namespace unfold::recurrence
