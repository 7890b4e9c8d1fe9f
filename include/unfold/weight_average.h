// Averages of the weights over the steps of training: less noisy than the weights themselves.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "unfold/optimizer.h"

namespace unfold {

/// An average of trainable parameters, beside them. The parameters outlive it.
class WeightAverage {
 public:
  /// 0 < decay < 1: exponential, average = d * average + (1 - d) * value with d = min(decay, (1 + t) / (10 + t)) after
  /// t steps, so that the beginning is soon forgotten. decay = 0: the mean of all steps (Polyak and Juditsky 1992).
  WeightAverage(const ParameterList& parameters, double decay);

  /// Starts with the weights as they are now; before, there is no average and `add` and `swap` do nothing.
  void begin();
  bool begun() const { return count_ > 0; }
  /// After every step of the optimiser.
  void add();
  /// Exchanges weights and average. To be called twice: validation in between sees the average, training never does.
  void swap();

  /// The state's `steps` is the number of weights averaged, 0 before the beginning.
  OptimizerState save() const;
  /// Throws InputError as Optimizer::load.
  void load(const OptimizerState& state);

 private:
  ParameterList parameters_;
  double decay_;
  std::vector<Tensor> averages_;
  std::uint64_t count_ = 0;
};

/// Weights as they are averaged, for as long as this lives; does nothing for null or an average that has not begun.
class AveragedWeights {
 public:
  explicit AveragedWeights(WeightAverage* average) : average_(average) { swap(); }
  ~AveragedWeights() { swap(); }
  AveragedWeights(const AveragedWeights&) = delete;
  AveragedWeights& operator=(const AveragedWeights&) = delete;

 private:
  void swap() {
    if (average_ != nullptr) average_->swap();
  }
  WeightAverage* average_;
};

/// When averaging is to begin: the last loss is above the lowest of all but the last `interval` before it, that is,
/// for so long no validation has been better (NT-ASGD; Merity, Keskar and Socher 2017, algorithm 1).
bool stopped_improving(std::span<const double> validations, std::size_t interval);

}  // namespace unfold
