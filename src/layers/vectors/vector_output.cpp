#include "layers/vectors/vector_output.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <vector>

namespace unfold {
namespace {

/// The loss, its value noted.
Variable noted(Tape& tape, Variable loss, double& cost) {
  cost = tape.value(loss)[0];
  return loss;
}

class SquaredOutput final : public VectorOutput {
 public:
  explicit SquaredOutput(Index size) : size_(static_cast<double>(size)) {}

  Variable loss(Tape& tape, Variable y, const Tensor& targets, double& cost) const override {
    return noted(tape, scale(tape, squared_error(tape, y, targets), 1 / size_), cost);
  }
  double cost(std::span<const float> y, std::span<const float> target) const override {
    double sum = 0;
    for (std::size_t i = 0; i < y.size(); ++i) {
      const double error = static_cast<double>(y[i]) - target[i];
      if (!std::isnan(error)) sum += error * error;
    }
    return sum / size_;
  }
  double uninformed() const override { return 1; }  // the variance of what is standardised

  void best(std::span<const float> y, std::span<float> target) const override {
    std::copy(y.begin(), y.end(), target.begin());
  }
  void probabilities(std::span<const float> y, std::span<float> result) const override { best(y, result); }
  void sample(std::span<const float> y, std::span<const float> noise, Random& random,
              std::span<float> target) const override {
    for (std::size_t i = 0; i < y.size(); ++i) target[i] = y[i] + noise[i] * static_cast<float>(random.normal());
  }

 private:
  double size_;
};

double sigmoid(double z) { return 1 / (1 + std::exp(-z)); }

class BernoulliOutput final : public VectorOutput {
 public:
  explicit BernoulliOutput(Index size) : size_(size) {}

  Variable loss(Tape& tape, Variable y, const Tensor& targets, double& cost) const override {
    return noted(tape, bernoulli_cross_entropy(tape, y, targets), cost);
  }
  double cost(std::span<const float> y, std::span<const float> target) const override {
    double sum = 0;
    for (std::size_t i = 0; i < y.size(); ++i) {
      const double z = target[i] == 1 ? y[i] : -y[i];  // -log s(z) = max(-z, 0) + log(1 + exp(-|z|))
      if (!std::isnan(target[i])) sum += std::max(-z, 0.0) + std::log1p(std::exp(-std::abs(z)));
    }
    return sum;
  }
  double uninformed() const override { return static_cast<double>(size_) * std::numbers::ln2; }

  void best(std::span<const float> y, std::span<float> target) const override {
    for (std::size_t i = 0; i < y.size(); ++i) target[i] = y[i] > 0 ? 1.0F : 0.0F;
  }
  void probabilities(std::span<const float> y, std::span<float> result) const override {
    for (std::size_t i = 0; i < y.size(); ++i) result[i] = static_cast<float>(sigmoid(y[i]));
  }
  void sample(std::span<const float> y, std::span<const float>, Random& random,
              std::span<float> target) const override {
    for (std::size_t i = 0; i < y.size(); ++i) target[i] = random.uniform_double() < sigmoid(y[i]) ? 1.0F : 0.0F;
  }

 private:
  Index size_;
};

class CategoricalOutput final : public VectorOutput {
 public:
  CategoricalOutput(Index symbols, double smoothing) : symbols_(symbols), smoothing_(smoothing) {}

  Variable loss(Tape& tape, Variable y, const Tensor& targets, double& cost) const override {
    std::vector<std::int32_t> symbols;
    for (const float target : targets.values()) symbols.push_back(static_cast<std::int32_t>(target));
    return softmax_cross_entropy(tape, y, symbols, smoothing_, &cost);
  }
  double cost(std::span<const float> y, std::span<const float> target) const override {
    return log_sum(y) - y[static_cast<std::size_t>(target[0])];
  }
  double uninformed() const override { return std::log(static_cast<double>(symbols_)); }

  void best(std::span<const float> y, std::span<float> target) const override {
    target[0] = static_cast<float>(std::max_element(y.begin(), y.end()) - y.begin());
  }
  void probabilities(std::span<const float> y, std::span<float> result) const override {
    const double total = log_sum(y);
    for (std::size_t k = 0; k < y.size(); ++k) result[k] = static_cast<float>(std::exp(y[k] - total));
  }
  void sample(std::span<const float> y, std::span<const float>, Random& random,
              std::span<float> target) const override {
    const double total = log_sum(y);
    double left = random.uniform_double();
    std::size_t symbol = 0;
    while (symbol + 1 < y.size() && (left -= std::exp(y[symbol] - total)) >= 0) ++symbol;
    target[0] = static_cast<float>(symbol);
  }

 private:
  /// log of the sum of exp(y_k).
  static double log_sum(std::span<const float> y) {
    const double largest = *std::max_element(y.begin(), y.end());
    double sum = 0;
    for (const float logit : y) sum += std::exp(logit - largest);
    return largest + std::log(sum);
  }

  Index symbols_;
  double smoothing_;
};

}  // namespace

std::unique_ptr<VectorOutput> make_squared_output(Index size) { return std::make_unique<SquaredOutput>(size); }
std::unique_ptr<VectorOutput> make_bernoulli_output(Index size) { return std::make_unique<BernoulliOutput>(size); }
std::unique_ptr<VectorOutput> make_categorical_output(Index symbols, double smoothing) {
  return std::make_unique<CategoricalOutput>(symbols, smoothing);
}

}  // namespace unfold
