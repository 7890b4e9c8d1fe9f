#include "recurrence/graph/initialise.h"

#include <fmt/format.h>

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>

#include "base/random.h"
#include "unfold/error.h"

namespace unfold::recurrence {
namespace {

using Kind = Initial::Kind;

// Non-zero weights per unit; Martens 2010, "Deep learning via Hessian-free optimization".
constexpr Index kSparseConnections = 15;

void require_matrix(const ParameterDeclaration& declaration, bool is_square = false) {
  const Shape& shape = declaration.shape;
  if (shape.rank() == 2 && (!is_square || shape[0] == shape[1])) return;
  throw InputError(fmt::format("the parameter '{}' of shape {} cannot start like this; expected a {}matrix",
                               declaration.name, shape.text(), is_square ? "square " : ""));
}

void fill_identity(Tensor& value) {
  const Index columns = value.shape()[1];
  value.fill(0);
  for (Index i = 0; i < std::min(value.shape()[0], columns); ++i) value[i * columns + i] = 1;
}

void fill_uniform(double bound, Random& random, Tensor& value) {
  for (float& element : value.values()) element = static_cast<float>(bound * (2 * random.uniform_double() - 1));
}

void fill_normal(double deviation, Random& random, Tensor& value) {
  for (float& element : value.values()) element = static_cast<float>(deviation * random.normal());
}

// Bound sqrt(6 / (in + out)); Glorot & Bengio 2010.
void fill_glorot(Random& random, Tensor& value) {
  fill_uniform(std::sqrt(6.0 / static_cast<double>(value.shape()[0] + value.shape()[1])), random, value);
}

Eigen::MatrixXd normal_matrix(Index rows, Index columns, Random& random) {
  Eigen::MatrixXd result(rows, columns);
  for (Index row = 0; row < rows; ++row) {
    for (Index column = 0; column < columns; ++column) result(row, column) = random.normal();
  }
  return result;
}

void store(const Eigen::MatrixXd& matrix, Tensor& value) {
  for (Index row = 0; row < matrix.rows(); ++row) {
    for (Index column = 0; column < matrix.cols(); ++column) {
      value[row * matrix.cols() + column] = static_cast<float>(matrix(row, column));
    }
  }
}

// The Q of a random normal matrix's QR decomposition, its columns' signs chosen so that Q is uniformly distributed
// (Mezzadri 2007; Saxe, McClelland & Ganguli 2014). Of a matrix that is not square the shorter side is orthonormal.
void fill_orthogonal(Random& random, Tensor& value) {
  const Index rows = value.shape()[0];
  const Index columns = value.shape()[1];
  const bool is_wide = rows < columns;
  const Eigen::MatrixXd normal = normal_matrix(std::max(rows, columns), std::min(rows, columns), random);
  const Eigen::HouseholderQR<Eigen::MatrixXd> decomposition(normal);
  Eigen::MatrixXd q = decomposition.householderQ() * Eigen::MatrixXd::Identity(normal.rows(), normal.cols());
  for (Index i = 0; i < normal.cols(); ++i) {
    if (decomposition.matrixQR()(i, i) < 0) q.col(i) = -q.col(i);
  }
  if (is_wide) q.transposeInPlace();
  store(q, value);
}

// Every unit reads kSparseConnections others, with standard normal weights; Martens 2010.
void fill_sparse(Random& random, Tensor& value) {
  const Index rows = value.shape()[0];
  const Index columns = value.shape()[1];
  value.fill(0);
  std::vector<Index> order(static_cast<std::size_t>(columns));
  for (Index row = 0; row < rows; ++row) {
    for (Index i = 0; i < columns; ++i) order[static_cast<std::size_t>(i)] = i;
    for (Index i = 0; i < std::min(kSparseConnections, columns); ++i) {
      const auto chosen = i + static_cast<Index>(random.below(static_cast<std::uint64_t>(columns - i)));
      std::swap(order[static_cast<std::size_t>(i)], order[static_cast<std::size_t>(chosen)]);
      value[row * columns + order[static_cast<std::size_t>(i)]] = static_cast<float>(random.normal());
    }
  }
}

// A random normal matrix scaled so that its largest eigenvalue has magnitude `radius`; Jaeger 2001.
void fill_spectral(double radius, Random& random, Tensor& value) {
  Eigen::MatrixXd matrix = normal_matrix(value.shape()[0], value.shape()[1], random);
  const double largest = Eigen::EigenSolver<Eigen::MatrixXd>(matrix, false).eigenvalues().cwiseAbs().maxCoeff();
  if (largest > 0) matrix *= radius / largest;
  store(matrix, value);
}

}  // namespace

void initialise(const ParameterDeclaration& declaration, std::uint64_t key, Tensor& value) {
  const Initial& initial = declaration.initial;
  if (value.shape() != declaration.shape) {
    throw ContractError(fmt::format("initialise: '{}' has shape {}, its tensor {}", declaration.name,
                                    declaration.shape.text(), value.shape().text()));
  }
  const bool takes_any_shape =
      initial.kind == Kind::kConstant || initial.kind == Kind::kUniform || initial.kind == Kind::kNormal;
  if (!takes_any_shape) require_matrix(declaration, initial.kind == Kind::kSpectral);
  if (value.count() == 0) return;
  Random random(key);
  switch (initial.kind) {
    case Kind::kConstant: return value.fill(static_cast<float>(initial.number));
    case Kind::kIdentity: return fill_identity(value);
    case Kind::kOrthogonal: return fill_orthogonal(random, value);
    case Kind::kGlorot: return fill_glorot(random, value);
    case Kind::kUniform: return fill_uniform(initial.number, random, value);
    case Kind::kNormal: return fill_normal(initial.number, random, value);
    case Kind::kSparse: return fill_sparse(random, value);
    case Kind::kSpectral: return fill_spectral(initial.number, random, value);
  }
}

}  // namespace unfold::recurrence
