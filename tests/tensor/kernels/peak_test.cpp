// The measurement of the product rate: what can be asserted without depending on time.
#include "tensor/kernels/peak.h"

#include <gtest/gtest.h>

#include <cmath>

#include "base/threads.h"
#include "unfold/error.h"

namespace unfold::kernels {
namespace {

TEST(Peak, MeasuresAndPutsTheThreadCountBack) {
  const int before = thread_count();
  const double rate = measure_products(2, {.m = 8, .n = 16, .k = 8}, 1);
  EXPECT_TRUE(std::isfinite(rate));
  EXPECT_GT(rate, 0);
  EXPECT_EQ(thread_count(), before);
}

TEST(Peak, RefusesEmptyShapes) {
  EXPECT_THROW(measure_products(1, {.m = 0, .n = 16, .k = 8}), ContractError);
  EXPECT_THROW(measure_products(0, {.m = 1, .n = 1, .k = 1}), ContractError);
}

}  // namespace
}  // namespace unfold::kernels
