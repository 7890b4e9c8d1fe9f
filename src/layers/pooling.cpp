#include "unfold/pooling.h"

#include <fmt/core.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <optional>

#include "base/random.h"
#include "base/tiles.h"
#include "layers/start.h"
#include "tape/operations/elementwise.h"
#include "tape/operations/linear.h"
#include "unfold/error.h"

namespace unfold {
namespace {

constexpr Index kSequencesPerTile = 8;

/// The rows of a batch, kept for backward.
using Rows = std::shared_ptr<const Unrolling>;

Index steps_of(const Unrolling& unrolling, Index sequence) {
  return unrolling.lengths()[static_cast<std::size_t>(sequence)];
}

/// Calls visit(b) for every sequence that has steps; each is done whole by one thread.
template <class Visit>
void for_sequences(const Unrolling& unrolling, const Visit& visit) {
  for_tiles(unrolling.batch(), kSequencesPerTile, [&](Index begin, Index end) {
    for (Index b = begin; b < end; ++b) {
      if (steps_of(unrolling, b) > 0) visit(b);
    }
  });
}

/// Calls visit(b, x's row) for every step of every sequence, in order within a sequence.
template <class Visit>
void for_steps(const Unrolling& unrolling, const Visit& visit) {
  for_sequences(unrolling, [&](Index b) {
    for (Index t = 0; t < steps_of(unrolling, b); ++t) visit(b, unrolling.row(b, t));
  });
}

/// y_bf = x_rf, r = source(b, f) being one of the rows of sequence b.
template <class Source>
Variable pick(Tape& tape, Variable x, const Rows& rows, const Source& source) {
  const Shape shape = tape.shape(x);
  const Index width = shape[1];
  Tensor y({rows->batch(), width});
  std::vector<Index> from(static_cast<std::size_t>(y.count()), -1);
  const Tensor& values = tape.value(x);
  for_sequences(*rows, [&](Index b) {
    for (Index f = 0; f < width; ++f) {
      const Index element = source(b, f) * width + f;
      from[static_cast<std::size_t>(b * width + f)] = element;
      y[b * width + f] = values[element];
    }
  });
  return tape.record(std::move(y), {x}, [=, from = std::move(from)](Tape& back, const Tensor& dy) {
    // y_bf = x_rf:  dx_rf = dy_bf, zero for all others
    Tensor dx(shape);
    for (std::size_t i = 0; i < from.size(); ++i) {
      if (from[i] >= 0) dx[from[i]] = dy[static_cast<Index>(i)];
    }
    back.add_gradient(x, std::move(dx));
  });
}

Variable last(Tape& tape, Variable x, const Rows& rows, const std::vector<bool>& backward) {
  return pick(tape, x, rows, [&](Index b, Index f) {
    return rows->row(b, backward[static_cast<std::size_t>(f)] ? 0 : steps_of(*rows, b) - 1);
  });
}

Variable largest(Tape& tape, Variable x, const Rows& rows) {
  const Tensor& values = tape.value(x);
  const Index width = tape.shape(x)[1];
  return pick(tape, x, rows, [&](Index b, Index f) {
    Index best = rows->row(b, 0);
    for (Index t = 1; t < steps_of(*rows, b); ++t) {
      const Index row = rows->row(b, t);
      if (values[row * width + f] > values[best * width + f]) best = row;  // the first of equal ones
    }
    return best;
  });
}

/// y_b = sum over the rows r of sequence b of weights_r x_r, for weights [N]: [B, F].
Tensor weighted_sums(Tape& tape, Variable x, const Unrolling& rows, const std::vector<float>& weights) {
  const Tensor& values = tape.value(x);
  const Index width = values.shape()[1];
  Tensor y({rows.batch(), width});
  for_steps(rows, [&](Index b, Index r) {
    const float weight = weights[static_cast<std::size_t>(r)];
    for (Index f = 0; f < width; ++f) y[b * width + f] += weight * values[r * width + f];
  });
  return y;
}

/// dx_r = weights_r dy_b: [N, F].
Tensor spread(const Tensor& dy, const Unrolling& rows, const std::vector<float>& weights) {
  const Index width = dy.shape()[1];
  Tensor dx = Tensor::uninitialised({rows.rows(), width});
  for_steps(rows, [&](Index b, Index r) {
    const float weight = weights[static_cast<std::size_t>(r)];
    for (Index f = 0; f < width; ++f) dx[r * width + f] = weight * dy[b * width + f];
  });
  return dx;
}

Variable mean_of_steps(Tape& tape, Variable x, const Rows& rows) {
  std::vector<float> weights(static_cast<std::size_t>(rows->rows()));
  for_steps(*rows, [&](Index b, Index r) {
    weights[static_cast<std::size_t>(r)] = 1.0F / static_cast<float>(steps_of(*rows, b));
  });
  Tensor y = weighted_sums(tape, x, *rows, weights);
  return tape.record(std::move(y), {x}, [=, weights = std::move(weights)](Tape& back, const Tensor& dy) {
    // y_b = sum_r x_r / T_b:  dx_r = dy_b / T_b
    back.add_gradient(x, spread(dy, *rows, weights));
  });
}

Variable hyperbolic_tangent(Tape& tape, Variable x) {
  Tensor y = Tensor::uninitialised(tape.shape(x));
  map_elements(kernels::Function::kTanh, y, tape.value(x), tape.value(x));
  const auto kept = std::make_shared<Tensor>(y);
  return tape.record(std::move(y), {x}, [x, kept](Tape& back, Tensor dy) {
    // y = tanh(x):  dx = (1 - y^2) dy
    for (Index i = 0; i < dy.count(); ++i) dy[i] *= 1 - (*kept)[i] * (*kept)[i];
    back.add_gradient(x, std::move(dy));
  });
}

/// a = softmax over the steps of each sequence of the scores [N].
std::vector<float> softmax_of_steps(const Tensor& scores, const Unrolling& rows) {
  std::vector<float> weights(static_cast<std::size_t>(rows.rows()));
  for_sequences(rows, [&](Index b) {
    const auto steps = [&](const auto& visit) {
      for (Index t = 0; t < steps_of(rows, b); ++t) visit(rows.row(b, t));
    };
    float most = -std::numeric_limits<float>::infinity();
    double sum = 0;
    steps([&](Index r) { most = std::max(most, scores[r]); });
    steps([&](Index r) { sum += std::exp(static_cast<double>(scores[r] - most)); });
    steps([&](Index r) {
      weights[static_cast<std::size_t>(r)] = static_cast<float>(std::exp(static_cast<double>(scores[r] - most)) / sum);
    });
  });
  return weights;
}

/// y_b = sum_t a_t x_t, a = softmax over the steps of scores [N, 1].
Variable attend(Tape& tape, Variable x, Variable scores, const Rows& rows) {
  std::vector<float> weights = softmax_of_steps(tape.value(scores), *rows);
  Tensor y = weighted_sums(tape, x, *rows, weights);
  return tape.record(std::move(y), {x, scores}, [=, weights = std::move(weights)](Tape& back, const Tensor& dy) {
    // y = sum_t a_t x_t:  dx_t = a_t dy,  da_t = dy . x_t;  a = softmax(s):  ds_t = a_t (da_t - sum_u a_u da_u)
    const Tensor& read = back.value(x);
    const Index width = read.shape()[1];
    Tensor dscores = Tensor::uninitialised({rows->rows(), 1});
    for_sequences(*rows, [&](Index b) {
      const float* slope = dy.data() + b * width;
      double mean = 0;  // sum_u a_u da_u
      for (Index t = 0; t < steps_of(*rows, b); ++t) {
        const Index r = rows->row(b, t);
        double change = 0;  // da_t
        for (Index f = 0; f < width; ++f) {
          change += static_cast<double>(slope[f]) * static_cast<double>(read[r * width + f]);
        }
        dscores[r] = static_cast<float>(change);
        mean += static_cast<double>(weights[static_cast<std::size_t>(r)]) * change;
      }
      for (Index t = 0; t < steps_of(*rows, b); ++t) {
        const Index r = rows->row(b, t);
        dscores[r] = weights[static_cast<std::size_t>(r)] * (dscores[r] - static_cast<float>(mean));
      }
    });
    back.add_gradient(x, spread(dy, *rows, weights));
    back.add_gradient(scores, std::move(dscores));
  });
}

/// The parameters of attention.
struct Scores {
  Scores(Index width, std::uint64_t seed, const std::string& prefix)
      : matrix(prefix + ".W", {width, width}),
        bias(prefix + ".b", {width}),
        vector(prefix + ".v", {1, width}),
        hidden(matrix, &bias),
        score(vector) {
    start_glorot(matrix, combine(seed, 0));
    start_glorot(vector, combine(seed, 1));
  }

  Variable of(Tape& tape, Variable x) { return linear(tape, hyperbolic_tangent(tape, linear(tape, x, hidden)), score); }

  Parameter matrix, bias, vector;
  LinearWeights hidden, score;
};

struct Name {
  const char* text;
  Pooling::Kind kind;
};
constexpr std::array kNames = {Name{"last", Pooling::Kind::kLast}, Name{"max", Pooling::Kind::kMax},
                               Name{"mean", Pooling::Kind::kMean}, Name{"attention", Pooling::Kind::kAttention}};

}  // namespace

struct Pooling::Implementation {
  Kind kind;
  std::vector<bool> backward;
  std::optional<Scores> scores;
  ParameterList parameters = {};
};

Pooling::Pooling(Kind kind, std::vector<bool> backward, std::uint64_t seed, const std::string& prefix)
    : implementation_(std::make_unique<Implementation>(Implementation{kind, std::move(backward), std::nullopt})) {
  if (kind != Kind::kAttention) return;
  Scores& scores = implementation_->scores.emplace(static_cast<Index>(implementation_->backward.size()), seed, prefix);
  implementation_->parameters = {&scores.matrix, &scores.bias, &scores.vector};
}

Pooling::~Pooling() = default;
Pooling::Pooling(Pooling&&) noexcept = default;
Pooling& Pooling::operator=(Pooling&&) noexcept = default;

const ParameterList& Pooling::parameters() const { return implementation_->parameters; }

Variable Pooling::forward(Tape& tape, Variable x, const Unrolling& unrolling) {
  const Shape expected{unrolling.rows(), static_cast<Index>(implementation_->backward.size())};
  if (tape.shape(x) != expected) {
    throw ContractError(
        fmt::format("pooling expects the steps' vectors {}, found {}", expected.text(), tape.shape(x).text()));
  }
  const auto rows = std::make_shared<const Unrolling>(unrolling);
  switch (implementation_->kind) {
    case Kind::kLast: return last(tape, x, rows, implementation_->backward);
    case Kind::kMax: return largest(tape, x, rows);
    case Kind::kMean: return mean_of_steps(tape, x, rows);
    case Kind::kAttention: return attend(tape, x, implementation_->scores->of(tape, x), rows);
  }
  throw ContractError("a pooling of unknown kind");
}

std::string_view pooling_name(Pooling::Kind kind) {
  return std::find_if(kNames.begin(), kNames.end(), [&](const Name& name) { return name.kind == kind; })->text;
}

Pooling::Kind parse_pooling(std::string_view name) {
  for (const Name& known : kNames) {
    if (name == known.text) return known.kind;
  }
  throw UsageError(fmt::format("pooling is last, max, mean or attention; found '{}'", name));
}

}  // namespace unfold
