// Every elementwise kernel, on every instruction set, against its naive twin and within its stated error.
#include "tensor/kernels/map.h"

#include <algorithm>

#include "kernel_test.h"

namespace unfold::kernels {
namespace {

/// Largest errors in units of the last place, as math-inl.h states them. The rest is exactly rounded, but for the fused
/// or unfused rounding of a product and a sum, whose unit is that of the product.
struct Bound {
  Function function;
  float low, high;  // where its values are tested densely
  double ulps;
};
constexpr Bound kBounds[] = {
    {Function::kSigmoid, -86.0f, 40.0f, 2.5},  {Function::kTanh, -12.0f, 12.0f, 2.5},
    {Function::kSoftplus, -86.0f, 60.0f, 3.0}, {Function::kExp, -86.0f, 88.7f, 1.5},
    {Function::kLog, 1e-6f, 100.0f, 2.0},      {Function::kSqrt, 0.0f, 100.0f, 0.5},
};

float run(Function function, float a, float b = 0, float c = 0) {
  float result = 0;
  map_kernel(function)(&result, &a, &b, &c, 1);
  return result;
}

/// Products and sums may be fused or not: one rounding of the largest term.
float fusing_tolerance(float a, float b, float c) {
  const float largest = std::max({std::abs(a), std::abs(a * b), std::abs(a * b * b), std::abs(a * b * c * c),
                                  (std::abs(a) + std::abs(b)) * c * c, std::abs(c), 1e-30f});
  return 2 * std::numeric_limits<float>::epsilon() * largest;
}

/// A function of a sum has its own error beside that of the sum.
bool is_of_sum(Function function) {
  return function == Function::kSigmoidOfSum || function == Function::kTanhOfSum ||
         function == Function::kSigmoidOfMultiplyAdd || function == Function::kTanhOfMultiplyAdd;
}

bool has_bound(Function function) {
  return std::any_of(std::begin(kBounds), std::end(kBounds),
                     [=](const Bound& bound) { return bound.function == function; });
}

class EveryFunction : public testing::TestWithParam<int> {
 protected:
  Function function() const { return static_cast<Function>(GetParam()); }
};
INSTANTIATE_TEST_SUITE_P(Map, EveryFunction, testing::Range(0, kFunctionCount), [](const auto& parameter) {
  return std::string(name(static_cast<Function>(parameter.param)));
});

TEST_P(EveryFunction, AgreesWithItsNaiveTwinAndStaysInsideItsBuffer) {
  for_each_instruction_set([this] {
    for (const Index count : kOddSizes) {
      Guarded a(count), b(count), c(count), fast(count), naive(count);
      fill_random(a.data(), count, 1, function() == Function::kLog || function() == Function::kSqrt ? 0.01f : -3, 3);
      fill_random(b.data(), count, 2, -3, 3);
      fill_random(c.data(), count, 3, -3, 3);
      for (Index i = 0; i < count; i += 3) c[i] = b[i];  // for the comparisons
      map_kernel(function())(fast.data(), a.data(), b.data(), c.data(), count);
      naive_map_kernel(function())(naive.data(), a.data(), b.data(), c.data(), count);
      for (Index i = 0; i < count; ++i) {
        if (has_bound(function())) {
          EXPECT_LE(ulps(fast[i], naive[i]), 5.0) << "at " << a[i];
        } else {
          const float own_error = is_of_sum(function()) ? 5 * std::numeric_limits<float>::epsilon() : 0;
          EXPECT_NEAR(fast[i], naive[i], fusing_tolerance(a[i], b[i], c[i]) + own_error * std::abs(naive[i]))
              << a[i] << " " << b[i] << " " << c[i];
        }
      }
      EXPECT_TRUE(a.intact() && b.intact() && c.intact() && fast.intact());
    }
  });
}

TEST_P(EveryFunction, GivesTheSameBitsInPlaceAndAtAnyPosition) {
  constexpr Index kCount = 77;
  for_each_instruction_set([this] {
    Guarded a(kCount), b(kCount), c(kCount), whole(kCount);
    fill_random(a.data(), kCount, 4, 0.01f, 3);
    fill_random(b.data(), kCount, 5, -3, 3);
    fill_random(c.data(), kCount, 6, -3, 3);
    map_kernel(function())(whole.data(), a.data(), b.data(), c.data(), kCount);
    for (Index i = 0; i < kCount; ++i) EXPECT_EQ(whole[i], run(function(), a[i], b[i], c[i])) << i;
    for (Guarded* operand : {&a, &b, &c}) {
      if (operand == &b && arity(function()) < 2) break;
      if (operand == &c && arity(function()) < 3) break;
      Guarded in_place = *operand;
      float* pointers[] = {a.data(), b.data(), c.data()};
      std::replace(std::begin(pointers), std::end(pointers), operand->data(), in_place.data());
      map_kernel(function())(in_place.data(), pointers[0], pointers[1], pointers[2], kCount);
      for (Index i = 0; i < kCount; ++i) EXPECT_EQ(in_place[i], whole[i]) << i;
    }
  });
}

TEST_P(EveryFunction, PassesNanAndInfinityAsItsNaiveTwinDoes) {
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
  constexpr float kSpecial[] = {0.0f, -0.0f, 1.0f, -1.0f, kInfinity, -kInfinity, kNan};
  for_each_instruction_set([&, this] {
    for (const float a : kSpecial) {
      for (const float b : kSpecial) {
        for (const float c : kSpecial) {
          const float expected = apply(function(), a, b, c);
          const float actual = run(function(), a, b, c);
          if (std::isnan(expected) || std::isinf(expected)) {
            EXPECT_LE(ulps(actual, expected), 0.0)
                << actual << " for " << expected << " at " << a << " " << b << " " << c;
          } else {
            EXPECT_LE(ulps(actual, expected), 4.0) << actual << " at " << a << " " << b << " " << c;
          }
        }
      }
    }
  });
}

TEST(Map, SeveralFunctionsInOneRoundAsTheyDoOneAfterAnother) {
  struct Parts {
    Function whole, inner, outer;
  };
  constexpr Parts kAll[] = {{Function::kAddThree, Function::kAdd, Function::kAdd},
                            {Function::kSigmoidOfSum, Function::kAddThree, Function::kSigmoid},
                            {Function::kTanhOfSum, Function::kAddThree, Function::kTanh},
                            {Function::kSigmoidOfMultiplyAdd, Function::kMultiplyAdd, Function::kSigmoid},
                            {Function::kTanhOfMultiplyAdd, Function::kMultiplyAdd, Function::kTanh},
                            {Function::kSigmoidSlopeOfProduct, Function::kMultiply, Function::kSigmoidSlope},
                            {Function::kTanhSlopeOfProduct, Function::kMultiply, Function::kTanhSlope},
                            {Function::kReluOfSum, Function::kAddThree, Function::kRelu},
                            {Function::kSigmoidSlopeOfSum, Function::kAdd, Function::kSigmoidSlope},
                            {Function::kTanhSlopeOfSum, Function::kAdd, Function::kTanhSlope},
                            {Function::kReluSlopeOfSum, Function::kAdd, Function::kReluSlope}};
  constexpr Index kCount = 133;
  for_each_instruction_set([&] {
    for (const Parts& parts : kAll) {
      Guarded a(kCount), b(kCount), c(kCount);
      fill_random(a.data(), kCount, 7, -3, 3);
      fill_random(b.data(), kCount, 8, -3, 3);
      fill_random(c.data(), kCount, 9, -3, 3);
      for (Index i = 0; i < kCount; ++i) {
        const float inner = run(parts.inner, a[i], b[i], c[i]);
        EXPECT_EQ(run(parts.whole, a[i], b[i], c[i]), run(parts.outer, inner, c[i])) << name(parts.whole) << " " << i;
      }
    }
  });
}

TEST(Map, TranscendentalsStayWithinTheirBounds) {
  for_each_instruction_set([] {
    for (const Bound& bound : kBounds) {
      SCOPED_TRACE(name(bound.function));
      constexpr Index kCount = 1 << 16;
      std::vector<float> a(kCount), result(kCount);
      // Uniform over the range, then logarithmic towards zero from both sides.
      for (Index i = 0; i < kCount; ++i) {
        const double part = static_cast<double>(i) / kCount;
        const double tiny = std::pow(10.0, -30 * part);
        const double uniform = bound.low + (bound.high - bound.low) * part;
        const double value = i % 3 == 0 ? tiny : i % 3 == 1 && bound.low < 0 ? -tiny : uniform;
        a[static_cast<std::size_t>(i)] = static_cast<float>(value);
      }
      map_kernel(bound.function)(result.data(), a.data(), nullptr, nullptr, kCount);
      double worst = 0;
      float worst_at = 0;
      for (Index i = 0; i < kCount; ++i) {
        const float at = a[static_cast<std::size_t>(i)];
        const double error = ulps(result[static_cast<std::size_t>(i)], apply<double>(bound.function, at, 0, 0));
        if (error > worst) worst = error, worst_at = at;
      }
      EXPECT_LE(worst, bound.ulps) << "at " << worst_at;
      RecordProperty(std::string(name(bound.function)), std::to_string(worst));
    }
  });
}

TEST(Map, ExpSaturatesThroughDenormals) {
  for_each_instruction_set([] {
    EXPECT_EQ(run(Function::kExp, 89.0f), std::numeric_limits<float>::infinity());
    EXPECT_EQ(run(Function::kExp, 1e30f), std::numeric_limits<float>::infinity());
    EXPECT_EQ(run(Function::kExp, -104.0f), 0.0f);
    EXPECT_EQ(run(Function::kExp, -1e30f), 0.0f);
    EXPECT_NEAR(run(Function::kExp, -95.0f), std::exp(-95.0), 2e-45);
    EXPECT_LE(ulps(run(Function::kExp, 88.72f), std::exp(static_cast<double>(88.72f))), 2.0);
  });
}

TEST(Map, SigmoidAndTanhSaturate) {
  for_each_instruction_set([] {
    for (const float a : {20.0f, 100.0f, 1e30f}) {
      EXPECT_EQ(run(Function::kSigmoid, a), 1.0f);
      EXPECT_EQ(run(Function::kTanh, a), 1.0f);
      EXPECT_EQ(run(Function::kTanh, -a), -1.0f);
    }
    EXPECT_EQ(run(Function::kSigmoid, -1e30f), 0.0f);
    EXPECT_TRUE(std::signbit(run(Function::kTanh, -0.0f)));
    EXPECT_EQ(run(Function::kTanh, 1e-40f), 1e-40f);
  });
}

TEST(Map, LogReachesDenormals) {
  for_each_instruction_set([] {
    for (const float a : {1e-45f, 1e-40f, 1.2e-38f, 3e38f}) {
      EXPECT_LE(ulps(run(Function::kLog, a), std::log(static_cast<double>(a))), 2.0) << a;
    }
    EXPECT_EQ(run(Function::kLog, 1.0f), 0.0f);
  });
}

}  // namespace
}  // namespace unfold::kernels
