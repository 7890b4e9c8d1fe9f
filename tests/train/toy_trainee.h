// A trainee of one number that wanders in a way that depends on all its past, for tests of the loop around it.
#pragma once

#include <cmath>
#include <functional>
#include <limits>
#include <vector>

#include "base/file.h"
#include "train/loop.h"

namespace unfold {

class ToyTrainee : public Trainee {
 public:
  static constexpr double kUninformed = 6;  // above every loss of a healthy step

  double value = 1;
  Index halvings = 0;
  /// Every `step` that was trained, in order.
  std::vector<Index> steps = {};
  /// Changes the report of a step: how it diverges.
  std::function<void(Index step, Index halvings, StepReport&)> disturb = [](Index, Index, StepReport&) {};
  /// The validation loss as a function of the value.
  std::function<double(double value)> measure = [](double v) { return v; };

  StepReport train(Index step) override {
    steps.push_back(step);
    value = std::fmod(value * 1.7 + static_cast<double>(step) * std::ldexp(1, static_cast<int>(-halvings)), 5.0);
    StepReport report{.nats = value, .tokens = 10, .learning_rate = 0.5, .gradient_norm = 2};
    disturb(step, halvings, report);
    return report;
  }
  Validation validate() override { return {measure(value)}; }
  void heed(const TrainingCounters& counters) override { halvings = counters.rollbacks; }
  double uninformed_nats() const override { return kUninformed; }
  double epochs(Index count) const override { return static_cast<double>(count) / 8; }

  void save_model(const std::filesystem::path& file) override { write_atomically(file, std::to_string(value)); }
  void save(const std::filesystem::path& file, const TrainingCounters& counters) override {
    TensorFile tensors;
    store_counters(counters, tensors);
    tensors.tensors["value"] = StoredTensor::of(std::span<const double>(&value, 1));
    write_tensor_file(file, tensors);
  }
  TrainingCounters restore(const std::filesystem::path& file) override {
    TensorFile tensors = read_tensor_file(file);
    value = tensors.take_doubles("value", 1)[0];
    return take_counters(tensors);
  }
};

/// A disturbance: the loss ceases to be a number at a step, until the rate was halved `enough` times.
inline auto explode_at(Index step, Index enough) {
  return [=](Index at, Index halvings, StepReport& report) {
    if (at == step && halvings < enough) report.nats = std::numeric_limits<double>::quiet_NaN();
  };
}

}  // namespace unfold
