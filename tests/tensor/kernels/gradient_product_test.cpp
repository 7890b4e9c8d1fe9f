// The product of parameters' gradients against sums in double precision, and the bits of its parts.
#include "tensor/kernels/gradient_product.h"

#include <array>

#include "kernel_test.h"
#include "tensor/kernels/bfloat16_naive.h"
#include "tensor/kernels/gemm.h"

namespace unfold::kernels {
namespace {

/// Operands [K, M] and [K, N] with gaps behind their rows, and what is there before.
struct Case {
  Index m, n, k;
  Index a_stride = m + 3, b_stride = n + 5, c_stride = n + 2;
  Guarded a{k * a_stride}, b{k * b_stride}, c{m * c_stride}, sums{m};

  Case(Index m_, Index n_, Index k_) : m(m_), n(n_), k(k_) {
    fill_random(a.data(), a.count(), 1);
    fill_random(b.data(), b.count(), 2);
    fill_random(c.data(), c.count(), 3);
    fill_random(sums.data(), sums.count(), 4);
  }

  GradientPart part(Index first, Index last) {
    return {{first, last}, c.data() + first * c_stride, c_stride, sums.data() + first};
  }
  void add(std::span<const GradientPart> parts, Precision precision) {
    add_gradient_products({a.data(), a_stride}, {b.data(), b_stride}, n, k, parts, precision);
  }
  bool intact() const { return a.intact() && b.intact() && c.intact() && sums.intact(); }
};

double rounded(float value, Precision precision) {
  const bool rounds = precision == Precision::kBfloat16;
  return static_cast<double>(rounds ? naive::widen(naive::round_to_bfloat16(value)) : value);
}

void expect_products(const Case& before, const Case& after, Precision precision) {
  for (Index i = 0; i < before.m; ++i) {
    double sum = static_cast<double>(before.sums[i]);
    for (Index p = 0; p < before.k; ++p) sum += static_cast<double>(before.a[p * before.a_stride + i]);
    ASSERT_NEAR(static_cast<double>(after.sums[i]), sum, product_tolerance(before.k)) << "sum of column " << i;
    for (Index j = 0; j < before.c_stride; ++j) {
      const Index at = i * before.c_stride + j;
      double expected = static_cast<double>(before.c[at]);
      for (Index p = 0; j < before.n && p < before.k; ++p) {
        expected += rounded(before.a[p * before.a_stride + i], precision) *
                    rounded(before.b[p * before.b_stride + j], precision);
      }
      ASSERT_NEAR(static_cast<double>(after.c[at]), expected, j < before.n ? product_tolerance(before.k) : 0)
          << i << ", " << j;
    }
  }
}

/// Around a tile and a group of columns of A, the width from which the kernel is our own, whole panels and blocks of
/// rows.
constexpr Index kColumnsOfA[] = {1, 7, 8, 17, 65}, kColumnsOfB[] = {1, 17, 191, 193, 256},
                kRows[] = {1, 3, 17, 257, 600};

TEST(GradientProduct, IsASumOverRows) {
  for (const Precision precision : {Precision::kFloat32, Precision::kBfloat16}) {
    for (const Index m : kColumnsOfA) {
      for (const Index n : kColumnsOfB) {
        for (const Index k : kRows) {
          SCOPED_TRACE(testing::Message()
                       << m << " and " << n << " columns, " << k << " rows, precision " << static_cast<int>(precision));
          const Case before(m, n, k);
          Case all(m, n, k);
          const GradientPart whole = all.part(0, m);
          all.add({&whole, 1}, precision);
          ASSERT_TRUE(all.intact());
          expect_products(before, all, precision);
        }
      }
    }
  }
}

TEST(GradientProduct, OfManyColumns) {
  for (const Precision precision : {Precision::kFloat32, Precision::kBfloat16}) {
    const Case before(40, 1061, 520);
    Case all(40, 1061, 520);
    const GradientPart parts[] = {all.part(0, 40)};
    all.add(parts, precision);
    expect_products(before, all, precision);
  }
}

TEST(GradientProduct, NothingIsAddedOfNothing) {
  for (const auto& [m, n, k] : {std::array<Index, 3>{0, 5, 5}, {5, 0, 5}, {5, 5, 0}}) {
    const Case before(m, n, k);
    Case all(m, n, k);
    const GradientPart whole = all.part(0, m);
    all.add({&whole, 1}, Precision::kFloat32);
    expect_products(before, all, Precision::kFloat32);
    all.add({}, Precision::kFloat32);
    EXPECT_TRUE(all.intact());
  }
}

/// Parts that are in no order, of which some columns are in none, and of which one has no sums.
TEST(GradientProduct, PartsHaveTheBitsOfTheWholeWhereThatIsSaid) {
  for (const Precision precision : {Precision::kFloat32, Precision::kBfloat16}) {
    if (precision == Precision::kFloat32 && !columns_are_independent()) continue;
    for (const Index n : {33, 208, 600}) {
      Case whole(100, n, 700), parts(100, n, 700);
      const Case before(100, n, 700);
      const GradientPart all = whole.part(0, 100);
      whole.add({&all, 1}, precision);
      GradientPart some[] = {parts.part(51, 100), parts.part(0, 17), parts.part(17, 50)};
      some[2].sums = nullptr;
      parts.add(some, precision);
      for (Index i = 0; i < 100; ++i) {
        const bool summed = i < 17 || i > 50;
        ASSERT_EQ(parts.sums[i], summed ? whole.sums[i] : before.sums[i]) << i;
        for (Index j = 0; j < n; ++j) {
          const Index at = i * parts.c_stride + j;
          ASSERT_EQ(parts.c[at], i == 50 ? before.c[at] : whole.c[at]) << i << ", " << j;
        }
      }
    }
  }
}

}  // namespace
}  // namespace unfold::kernels
