#include "tasks/bench/step.h"

#include <memory>

#include "tasks/bench/limits.h"
#include "unfold/streaming.h"

namespace unfold {

StepRate measure_step(const Cell& cell, Index inputs, Index hidden, int rounds) {
  const Recurrence recurrence(cell, {inputs, hidden, 0});
  const auto stream = std::make_shared<RecurrenceStream>(recurrence);
  const auto step = [stream, inputs](Index count) {
    for (Index i = 0; i < count; ++i) {
      for (Index j = 0; j < inputs; ++j) stream->input(0)[j] = static_cast<float>((i + j) % 7) / 7;
      stream->step();
    }
  };
  StepRate result{.bytes = static_cast<double>(stream->bytes())};
  const std::vector<double> rates =
      measure_rates({{.name = "steps", .work = 1, .repeat = step}, read_load(result.bytes)}, rounds);
  result.seconds = 1 / rates[0];
  result.streaming = rates[1];
  return result;
}

}  // namespace unfold
