// Optimisers: how gradients change weights. Beside them: clipping.h, schedule.h, weight_average.h.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "unfold/parameter.h"

namespace unfold {

/// What an optimiser remembers between steps, by name: with the parameters, all it needs to continue.
struct OptimizerState {
  std::uint64_t steps = 0;
  std::map<std::string, Tensor> tensors = {};  // "output.W.first_moment", ...
};

/// Updates the trainable parameters of a list from their gradients. The parameters outlive it.
///
/// An optimiser is a formula for one element, and the names of the arrays it remembers, each of the parameter's shape
/// and zero at first. In all formulas below, g is the direction: g = gradient_scale * gradient + weight_decay * value,
/// so that clipping limits the gradient of the loss and not the decay, which is the derivative of
/// weight_decay / 2 * value^2 added to the loss (L2). AdamW alone decouples the decay from the gradient.
class Optimizer {
 public:
  virtual ~Optimizer() = default;
  Optimizer(const Optimizer&) = delete;
  Optimizer& operator=(const Optimizer&) = delete;

  /// One update with gradient_scale * gradient (clipping's factor); then every gradient is zero.
  void step(double learning_rate, double gradient_scale = 1.0);

  OptimizerState save() const;
  /// Throws InputError, naming it, where a tensor is missing, unknown or of another shape; then nothing has changed.
  void load(const OptimizerState& state);

 protected:
  /// A piece of one parameter; `memory` in the order of the names.
  struct Piece {
    float* value;
    float* gradient;
    std::vector<float*> memory;
    Index count;
  };
  /// Updates one piece and zeroes its gradient. Called from several threads.
  using Sweep = std::function<void(const Piece&)>;

  Optimizer(const ParameterList& parameters, std::vector<std::string> memories);

  /// The update of step t = 1, 2, ...
  virtual Sweep sweep(std::uint64_t t, double learning_rate, double gradient_scale) const = 0;

 private:
  struct Slot {
    Parameter* parameter;
    std::vector<Tensor> memory;
  };
  std::string tensor_name(const Slot& slot, std::size_t memory) const;

  std::vector<std::string> memories_;
  std::vector<Slot> slots_;
  std::uint64_t steps_ = 0;
};

/// Stochastic gradient descent: value -= learning_rate * g.
class Sgd final : public Optimizer {
 public:
  explicit Sgd(const ParameterList& parameters, double weight_decay = 0);

 private:
  Sweep sweep(std::uint64_t t, double learning_rate, double gradient_scale) const override;
  double weight_decay_;
};

struct MomentumOptions {
  double momentum = 0.9;
  bool nesterov = false;
  double weight_decay = 0;
};

/// Momentum: velocity = momentum * velocity + g, value -= learning_rate * velocity (Polyak 1964). Nesterov's looks
/// ahead: value -= learning_rate * (g + momentum * velocity) (Sutskever et al. 2013, as libraries write it).
class Momentum final : public Optimizer {
 public:
  explicit Momentum(const ParameterList& parameters, MomentumOptions options = {});

 private:
  Sweep sweep(std::uint64_t t, double learning_rate, double gradient_scale) const override;
  MomentumOptions options_;
};

struct RmsPropOptions {
  double decay = 0.99;
  double epsilon = 1e-8;
  double weight_decay = 0;
};

/// RMSprop, Tieleman and Hinton 2012, lecture 6.5: squares = decay * squares + (1 - decay) g^2,
/// value -= learning_rate * g / (sqrt(squares) + epsilon).
class RmsProp final : public Optimizer {
 public:
  explicit RmsProp(const ParameterList& parameters, RmsPropOptions options = {});

 private:
  Sweep sweep(std::uint64_t t, double learning_rate, double gradient_scale) const override;
  RmsPropOptions options_;
};

struct AdagradOptions {
  double epsilon = 1e-10;
  double weight_decay = 0;
};

/// Adagrad, Duchi, Hazan and Singer 2011: squares += g^2, value -= learning_rate * g / (sqrt(squares) + epsilon).
class Adagrad final : public Optimizer {
 public:
  explicit Adagrad(const ParameterList& parameters, AdagradOptions options = {});

 private:
  Sweep sweep(std::uint64_t t, double learning_rate, double gradient_scale) const override;
  AdagradOptions options_;
};

struct AdamOptions {
  double beta1 = 0.9;
  double beta2 = 0.999;
  double epsilon = 1e-8;
  double weight_decay = 0;
  /// AdamW, Loshchilov and Hutter 2019: the decay is no part of g; instead value -= learning_rate * weight_decay *
  /// value, so that the moments neither smooth nor rescale it.
  bool decoupled = false;
};

/// Adam, Kingma and Ba 2015, algorithm 1: m = b1 m + (1 - b1) g, v = b2 v + (1 - b2) g^2,
/// value -= learning_rate * (m / (1 - b1^t)) / (sqrt(v / (1 - b2^t)) + epsilon).
class Adam final : public Optimizer {
 public:
  explicit Adam(const ParameterList& parameters, AdamOptions options = {});

 private:
  Sweep sweep(std::uint64_t t, double learning_rate, double gradient_scale) const override;
  AdamOptions options_;
};

}  // namespace unfold
