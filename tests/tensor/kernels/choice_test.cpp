// The environment's choice of kernels. It is read once per process, so each case runs in a process of its own.
#include "tensor/kernels/choice.h"

#include <hwy/targets.h>

#include <cstdlib>

#include "kernel_test.h"
#include "tensor/kernels/gemm.h"
#include "tensor/kernels/map.h"
#include "unfold/error.h"

namespace unfold::kernels {
namespace {

/// Runs `check` in a fresh process with the variable set, and expects it to be true.
#define EXPECT_TRUE_WITH(variable, value, check)           \
  EXPECT_EXIT(                                             \
      {                                                    \
        setenv(variable, value, 1);                        \
        std::_Exit((check) ? EXIT_SUCCESS : EXIT_FAILURE); \
      },                                                   \
      testing::ExitedWithCode(EXIT_SUCCESS), "")

class Choice : public testing::Test {
 protected:
  // "threadsafe": the child starts anew instead of continuing from here.
  void SetUp() override { GTEST_FLAG_SET(death_test_style, "threadsafe"); }
};

bool refuses(void (*choose)()) {
  try {
    choose();
  } catch (const UsageError&) {
    return true;
  }
  return false;
}

/// A product and a map with this process's instruction set, near the same in double precision.
bool computes() {
  constexpr Index kM = 5, kN = 70, kK = 65;
  std::vector<float> a(kM * kK), b(kK * kN), c(kM * kN);
  fill_random(a.data(), kM * kK, 1);
  fill_random(b.data(), kK * kN, 2);
  PackedMatrix packed;
  packed.pack(b.data(), kK, kN, kN, false);
  multiply(a.data(), kK, kM, packed, c.data(), kN, false);
  map_kernel(Function::kTanh)(c.data(), c.data(), nullptr, nullptr, kM * kN);
  for (std::size_t i = 0; i < kM; ++i) {
    for (std::size_t j = 0; j < kN; ++j) {
      double sum = 0;
      for (std::size_t p = 0; p < kK; ++p)
        sum += static_cast<double>(a[i * kK + p]) * static_cast<double>(b[p * kN + j]);
      // 65 roundings of partial sums around 3, damped by the tanh.
      if (!(std::abs(std::tanh(sum) - static_cast<double>(c[i * kN + j])) < 1e-5)) return false;
    }
  }
  return true;
}

TEST_F(Choice, NaiveKernels) {
  EXPECT_TRUE_WITH("UNFOLD_KERNELS", "naive", naive_kernels());
  EXPECT_TRUE_WITH("UNFOLD_KERNELS", "naive", map_kernel(Function::kTanh) == naive_map_kernel(Function::kTanh));
  EXPECT_TRUE_WITH("UNFOLD_KERNELS", "naive", computes());
  EXPECT_TRUE_WITH("UNFOLD_KERNELS", "fast", !naive_kernels());
  EXPECT_TRUE_WITH("UNFOLD_KERNELS", "nave", refuses([] { naive_kernels(); }));
}

TEST_F(Choice, InstructionSets) {
  for (const char* name : {"scalar", "sse4", "avx2", "avx512"}) EXPECT_TRUE_WITH("UNFOLD_ISA", name, computes());
  EXPECT_TRUE_WITH("UNFOLD_ISA", "neo", refuses(limit_instruction_set));
}

TEST_F(Choice, ScalarLeavesNoVectors) {
  EXPECT_TRUE_WITH(
      "UNFOLD_ISA", "scalar",
      (limit_instruction_set(), hwy::SupportedAndGeneratedTargets() == std::vector<std::int64_t>{HWY_STATIC_TARGET}));
}

}  // namespace
}  // namespace unfold::kernels
