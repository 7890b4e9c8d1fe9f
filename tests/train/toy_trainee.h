// A trainee of one number that wanders in a way that depends on all its past, for tests of the loop around it.
#pragma once

#include <cmath>
#include <fstream>
#include <functional>
#include <limits>

#include "base/file.h"
#include "train/loop.h"

namespace unfold {

class ToyTrainee : public Trainee {
 public:
  double value = 1;
  /// Step at which the loss ceases to be a number; none if negative.
  Index diverges_at = -1;

  StepReport train(Index step) override {
    if (step == diverges_at) return {.nats = std::numeric_limits<double>::quiet_NaN(), .tokens = 10};
    value = std::fmod(value * 1.7 + static_cast<double>(step), 5.0);
    return {.nats = value, .tokens = 10, .learning_rate = 0.5, .gradient_norm = 2};
  }
  double validate() override { return value; }
  double epochs(Index steps) const override { return static_cast<double>(steps) / 8; }

  void save_model(const std::filesystem::path& file) override { write_atomically(file, std::to_string(value)); }
  void save(const std::filesystem::path& file, const TrainingCounters& counters) override {
    write_atomically(file, [&](FileSink& sink) {
      sink.write(std::as_bytes(std::span(&value, 1)));
      sink.write(std::as_bytes(std::span(&counters, 1)));
    });
  }
  TrainingCounters restore(const std::filesystem::path& file) override {
    TrainingCounters counters;
    std::ifstream stream(file, std::ios::binary);
    stream.read(reinterpret_cast<char*>(&value), sizeof(value));
    stream.read(reinterpret_cast<char*>(&counters), sizeof(counters));
    return counters;
  }
};

}  // namespace unfold
