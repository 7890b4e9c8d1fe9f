// How long a whole training step of a language model takes, beside the machine's limits measured in the same rounds.
#pragma once

#include <optional>
#include <string>

#include "tasks/bench/limits.h"
#include "tasks/bench/model.h"

namespace unfold {

struct TrainingRate {
  ModelWork work;
  double seconds = 0;      // of a step: forward, backward, clipping and Adam's update
  PlanSeconds parts = {};  // of these, in the recurrence
  double peak = 0;  // of the best product in the step's precision, large or of its own shapes, in operations per second
  std::string peak_shape = {};
  /// Bytes per second of a = b + c over as many as the loop moves; 0 for a cell with products in the loop.
  double streaming = 0;
  std::optional<double> plain_seconds = {};  // of the model that it is compared with

  double written_rate() const { return work.written_operations / seconds; }
  double executed_rate() const { return work.operations / seconds; }
  double loop_rate() const { return work.loop_bytes / parts.loop; }  // bytes per second
};

/// In `rounds` turns on thread_count() threads. `plain`: another model to set beside it in the same rounds.
TrainingRate measure_training(const BenchModel& model, int rounds, const BenchModel* plain = nullptr);

}  // namespace unfold
