// Rates: what can be asserted without depending on time.
#include "tasks/bench/rates.h"

#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <thread>

#include "base/thread_count_kept.h"
#include "tasks/bench/limits.h"
#include "unfold/error.h"

namespace unfold {
namespace {

TEST(Median, OfOddAndEvenCounts) {
  EXPECT_EQ(median({3, 1, 2}), 2);
  EXPECT_EQ(median({4, 1, 3, 2}), 2.5);
  EXPECT_THROW(median({}), ContractError);
}

TEST(Rates, LoadsHaveTheirTurnsOneAfterTheOther) {
  std::string turns;
  const auto load = [&](char letter) {
    return Load{.name = std::string(1, letter), .work = 1, .repeat = [&turns, letter](Index count) {
                  std::this_thread::sleep_for(count * std::chrono::milliseconds(20));
                  turns += letter;
                }};
  };
  const std::vector<double> rates = measure_rates({load('a'), load('b')}, 3);
  ASSERT_EQ(rates.size(), 2U);
  EXPECT_GT(rates[0], 0);
  EXPECT_TRUE(turns.ends_with("ababab")) << turns;
  EXPECT_THROW(measure_rates({}, 0), ContractError);
}

TEST(Limits, LoadsSayHowMuchTheyDo) {
  const ThreadCountKept kept;
  set_thread_count(2);
  const Load product = product_load({.m = 3, .n = 17, .k = 5});
  EXPECT_EQ(product.work, 2 * 2.0 * 3 * 17 * 5) << "a matrix each";
  product.repeat(2);
  if (multiplies_bfloat16()) product_load({.m = 3, .n = 17, .k = 5}, Precision::kBfloat16).repeat(1);
  EXPECT_EQ(read_load(4000).work, 4000) << "shared by the threads";
  read_load(4000).repeat(1);
  add_load(6000).repeat(1);
  EXPECT_THROW(product_load({.m = 0, .n = 16, .k = 8}), ContractError);
}

TEST(Limits, LongProductsAreCut) {
  const std::vector<Load> loads = peak_loads({{.m = 12800, .n = 4096, .k = 1024}});
  EXPECT_EQ(loads.back().name, "[1600, 1024] [1024, 1024]") << "3.4 of 4.3 GFLOP; the next longer one has 6.7";
}

}  // namespace
}  // namespace unfold
