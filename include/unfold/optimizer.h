// Optimisers, gradient clipping and learning-rate schedules.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
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
class Optimizer {
 public:
  virtual ~Optimizer() = default;

  /// One update with gradient_scale * gradient (clipping's factor); then every gradient is zero.
  virtual void step(double learning_rate, double gradient_scale = 1.0) = 0;

  virtual OptimizerState save() const = 0;
  /// Throws InputError, naming it, where a tensor is missing, unknown or of another shape; then nothing has changed.
  virtual void load(const OptimizerState& state) = 0;
};

struct AdamOptions {
  double beta1 = 0.9;
  double beta2 = 0.999;
  double epsilon = 1e-8;
};

/// Adam, Kingma and Ba 2015, algorithm 1: m = b1 m + (1 - b1) g, v = b2 v + (1 - b2) g^2,
/// value -= learning_rate * (m / (1 - b1^t)) / (sqrt(v / (1 - b2^t)) + epsilon).
class Adam final : public Optimizer {
 public:
  explicit Adam(const ParameterList& parameters, AdamOptions options = {});
  void step(double learning_rate, double gradient_scale = 1.0) override;
  OptimizerState save() const override;
  void load(const OptimizerState& state) override;

 private:
  struct Slot {
    Parameter* parameter;
    Tensor first_moment;   // m
    Tensor second_moment;  // v
  };
  std::vector<Slot> slots_;
  AdamOptions options_;
  std::uint64_t steps_ = 0;
};

/// Stochastic gradient descent: value -= learning_rate * g.
class Sgd final : public Optimizer {
 public:
  explicit Sgd(const ParameterList& parameters);
  void step(double learning_rate, double gradient_scale = 1.0) override;
  OptimizerState save() const override;
  void load(const OptimizerState& state) override;

 private:
  ParameterList parameters_;
  std::uint64_t steps_ = 0;
};

/// The Euclidean norm of all trainable gradients together: summed in double, in a fixed order.
double global_norm(const ParameterList& parameters);

/// The factor that brings a gradient of this norm down to `largest`: min(1, largest / norm). Pass it to `step`.
/// `largest` <= 0 does not clip.
double clip_factor(double norm, double largest);

/// Scales all trainable gradients to a global norm of `largest` at most, and returns the norm before
/// (Pascanu, Mikolov and Bengio 2013).
double clip_by_global_norm(const ParameterList& parameters, double largest);

/// The learning rate as a function of the step.
struct Schedule {
  enum class Kind : std::uint8_t { kConstant, kCosine };
  Kind kind = Kind::kConstant;
  double peak = 0;            // the rate after warm-up
  std::uint64_t warmup = 0;   // steps of linear growth before
  double final_fraction = 0;  // of the peak, where the cosine ends
};

/// The rate of step `step`, 0 <= step < total_steps. Warm-up: peak * (step + 1) / warmup. Then constant, or the half
/// cosine from peak at the first step after warm-up down to final_fraction * peak at the end (Loshchilov and Hutter
/// 2017).
double learning_rate(const Schedule& schedule, std::uint64_t step, std::uint64_t total_steps);

}  // namespace unfold
