#include "base/fastest_way.h"

#include <gtest/gtest.h>

namespace unfold {
namespace {

/// Runs whose ways take `seconds`, but those of the tries that are disturbed ten times as long; how often each way was
/// taken.
template <class Disturbed>
std::vector<int> run_ways(FastestWay& fastest, const std::vector<double>& seconds, int runs,
                          const Disturbed& disturbed) {
  std::vector<int> taken(seconds.size());
  for (int run = 0; run < runs; ++run) {
    const auto [way, is_tried] = fastest.next();
    const auto w = static_cast<std::size_t>(way);
    const double factor = disturbed(way, taken[w]++) ? 10 : 1;
    if (is_tried) fastest.record(way, seconds[w] * factor);
  }
  return taken;
}

constexpr auto kNever = [](int, int) { return false; };

TEST(FastestWay, IsTheOneThatWasFastestInItsBestTry) {
  FastestWay fastest(3);
  const std::vector<double> seconds = {2.0, 3.0, 1.5};
  EXPECT_EQ(run_ways(fastest, seconds, 12, [](int, int run) { return run == 0; }), (std::vector<int>{4, 4, 4}));
  EXPECT_EQ(run_ways(fastest, seconds, 50, kNever), (std::vector<int>{0, 0, 50}));
}

TEST(FastestWay, IsTheUsualOneWhereAnotherGainsLittle) {
  FastestWay fastest(3);
  run_ways(fastest, {2.0, 1.95, 1.85}, 12, kNever);
  EXPECT_EQ(fastest.next().way, 0);
}

TEST(FastestWay, IsFoundLaterWhereAllTriesWereDisturbed) {
  FastestWay fastest(3);
  const std::vector<double> seconds = {1.0, 2.0, 3.0};
  run_ways(fastest, seconds, 13, [](int way, int run) { return way == 0 && run < 4; });
  EXPECT_EQ(fastest.next().way, 1);
  run_ways(fastest, seconds, 64, kNever);
  EXPECT_EQ(fastest.next().way, 0) << "the usual way is not given up for long";
}

TEST(FastestWay, FollowsAMachineThatChanges) {
  FastestWay fastest(2);
  run_ways(fastest, {1.0, 2.0}, 20000, kNever);
  EXPECT_EQ(fastest.next().way, 0);
  const std::vector<int> taken = run_ways(fastest, {2.0, 1.0}, 20000, kNever);
  EXPECT_LT(taken[0], 5000);
  EXPECT_EQ(fastest.next().way, 1);
}

TEST(FastestWay, TriesOthersRarely) {
  FastestWay fastest(3);
  const std::vector<int> taken = run_ways(fastest, {1.0, 2.0, 3.0}, 100000, kNever);
  EXPECT_LT(taken[1] + taken[2], 300);
  FastestWay unusual(3);
  const std::vector<int> others = run_ways(unusual, {3.0, 2.0, 1.0}, 100000, kNever);
  EXPECT_LT(others[0] + others[1], 350);
}

TEST(FastestWay, NeedsNoTrialOfOne) {
  FastestWay fastest(1);
  EXPECT_EQ(run_ways(fastest, {1.0}, 200, kNever), (std::vector<int>{200}));
}

}  // namespace
}  // namespace unfold
