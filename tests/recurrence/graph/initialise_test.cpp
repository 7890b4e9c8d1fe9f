#include "recurrence/graph/initialise.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <Eigen/Dense>
#include <cmath>

#include "unfold/error.h"

namespace unfold::recurrence {
namespace {

using Kind = Initial::Kind;
using Matrix = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

// Values are stored as floats.
constexpr double kRounding = 1e-5;

Tensor initial(Kind kind, Shape shape, double number = 0, std::uint64_t key = 1) {
  Tensor value(shape);
  initialise({"W", std::move(shape), true, {kind, number}}, key, value);
  return value;
}

Matrix matrix(const Tensor& value) {
  return Eigen::Map<const Matrix>(value.data(), value.shape()[0], value.shape()[1]);
}

double deviation_from_identity(const Matrix& m) {
  return (m - Matrix::Identity(m.rows(), m.cols())).cwiseAbs().maxCoeff();
}

TEST(Initialise, Constants) {
  const Tensor value = initial(Kind::kConstant, {2, 3}, -1.5);
  for (const float element : value.values()) EXPECT_EQ(element, -1.5F);
}

TEST(Initialise, Identity) {
  EXPECT_EQ(deviation_from_identity(matrix(initial(Kind::kIdentity, {4, 4}))), 0);
  EXPECT_EQ(deviation_from_identity(matrix(initial(Kind::kIdentity, {3, 5}))), 0);
}

TEST(Initialise, OrthogonalOfAnyShape) {
  const Matrix square = matrix(initial(Kind::kOrthogonal, {7, 7}));
  EXPECT_LT(deviation_from_identity(square * square.transpose()), kRounding);
  const Matrix tall = matrix(initial(Kind::kOrthogonal, {9, 4}));
  EXPECT_LT(deviation_from_identity(tall.transpose() * tall), kRounding);
  const Matrix wide = matrix(initial(Kind::kOrthogonal, {4, 9}));
  EXPECT_LT(deviation_from_identity(wide * wide.transpose()), kRounding);
}

TEST(Initialise, GlorotFillsItsInterval) {
  const Tensor value = initial(Kind::kGlorot, {60, 40});
  const double bound = std::sqrt(6.0 / 100);
  const Matrix m = matrix(value);
  EXPECT_LE(m.maxCoeff(), bound);
  EXPECT_GE(m.minCoeff(), -bound);
  EXPECT_GT(m.maxCoeff(), 0.98 * bound);
  EXPECT_LT(m.minCoeff(), -0.98 * bound);
}

TEST(Initialise, UniformAndNormal) {
  const Matrix uniform = matrix(initial(Kind::kUniform, {50, 50}, 0.2));
  EXPECT_LE(uniform.cwiseAbs().maxCoeff(), 0.2F);
  EXPECT_GT(uniform.cwiseAbs().maxCoeff(), 0.19F);
  const Matrix normal = matrix(initial(Kind::kNormal, {100, 100}, 0.5));
  // Four standard errors of mean and variance of 10,000 numbers.
  EXPECT_NEAR(normal.mean(), 0, 4 * 0.5 / 100);
  EXPECT_NEAR(normal.array().square().mean(), 0.25, 4 * 0.25 * std::sqrt(2.0) / 100);
}

TEST(Initialise, SparseRowsHaveFifteenWeights) {
  const Tensor value = initial(Kind::kSparse, {10, 40});
  for (Index row = 0; row < 10; ++row) {
    int count = 0;
    for (Index column = 0; column < 40; ++column) count += value[row * 40 + column] != 0;
    EXPECT_EQ(count, 15);
  }
  const Tensor narrow = initial(Kind::kSparse, {3, 4});
  for (const float element : narrow.values()) EXPECT_NE(element, 0);
}

TEST(Initialise, SpectralRadius) {
  const Eigen::MatrixXd m = matrix(initial(Kind::kSpectral, {20, 20}, 0.9)).cast<double>();
  EXPECT_NEAR(m.eigenvalues().cwiseAbs().maxCoeff(), 0.9, kRounding);
}

TEST(Initialise, DependsOnTheKeyAlone) {
  const auto equal = [](const Tensor& a, const Tensor& b) { return std::ranges::equal(a.values(), b.values()); };
  for (const Kind kind :
       {Kind::kOrthogonal, Kind::kGlorot, Kind::kUniform, Kind::kNormal, Kind::kSparse, Kind::kSpectral}) {
    EXPECT_TRUE(equal(initial(kind, {6, 6}, 1, 5), initial(kind, {6, 6}, 1, 5)));
    EXPECT_FALSE(equal(initial(kind, {6, 6}, 1, 5), initial(kind, {6, 6}, 1, 6)));
  }
}

TEST(Initialise, RefusesShapesThatDoNotFit) {
  EXPECT_THROW(initial(Kind::kIdentity, {4}), InputError);
  EXPECT_THROW(initial(Kind::kGlorot, {4}), InputError);
  EXPECT_THROW(initial(Kind::kSpectral, {4, 3}), InputError);
  Tensor value({3});
  EXPECT_THROW(initialise({"b", Shape{4}, true, {}}, 1, value), ContractError);
}

}  // namespace
}  // namespace unfold::recurrence
