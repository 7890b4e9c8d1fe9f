#include "tasks/bench.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <vector>

#include "base/random.h"
#include "unfold/clipping.h"
#include "unfold/language_model.h"
#include "unfold/optimizer.h"

namespace unfold {
namespace {

using Clock = std::chrono::steady_clock;

constexpr double kMeasurementSeconds = 1;
constexpr Index kWindows = 8;

/// A rank drawn by Zipf's law in Mandelbrot's form, p(rank) ~ 1 / (rank + 2.7), from `uniform` in [0, 1).
Index zipf(double uniform, Index symbols) {
  constexpr double kShift = 2.7;
  const double rank = kShift * (std::pow((static_cast<double>(symbols) + kShift) / kShift, uniform) - 1);
  return std::min(static_cast<Index>(rank), symbols - 1);
}

std::vector<std::int32_t> random_tokens(const TrainingBench& bench) {
  Random random(1);
  std::vector<std::int32_t> tokens(static_cast<std::size_t>(kWindows * bench.batch * bench.unroll + 1));
  for (std::int32_t& token : tokens) {
    token = static_cast<std::int32_t>(zipf(random.uniform_double(), bench.symbols));
  }
  return tokens;
}

LanguageModel make_model(const TrainingBench& bench) {
  LanguageModelOptions options;
  options.cell = Cell::load(bench.cell);
  options.hidden.assign(static_cast<std::size_t>(bench.layers), bench.hidden);
  options.embed = bench.embed;
  if (bench.adaptive_softmax) options.output.kind = OutputOptions::Kind::kAdaptive;
  options.batch = bench.batch;
  options.steps = bench.unroll;
  return LanguageModel(std::move(options), bench.symbols);
}

/// For an lstm this is 3 * 2 * B * T * (sum over the layers of 4 H (I + H) + H V).
double step_flops(const TrainingBench& bench, const LanguageModel& model) {
  Index entries = bench.hidden * bench.symbols;  // of the output layer
  for (const Parameter* parameter : model.parameters()) {
    const bool inside = parameter->name().starts_with("layers.");
    entries += inside && parameter->shape().rank() == 2 ? parameter->shape().count() : 0;
  }
  return 3.0 * 2.0 * static_cast<double>(bench.batch * bench.unroll) * static_cast<double>(entries);
}

class Training {
 public:
  explicit Training(const TrainingBench& bench)
      : model_(make_model(bench)),
        optimizer_(model_.parameters()),
        batches_(random_tokens(bench), bench.batch, bench.unroll),
        state_(model_.state(batches_.batch())) {}

  void step() {
    tape_.clear();
    LanguageModel::Loss loss = model_.loss(tape_, batches_.next(), state_, steps_++);
    tape_.backward(loss.objective);
    state_ = std::move(loss.state);
    optimizer_.step(1e-3, clip_factor(global_norm(model_.parameters()), 1.0));
  }
  const LanguageModel& model() const { return model_; }

 private:
  LanguageModel model_;
  Adam optimizer_;
  StreamBatches batches_;
  State state_;
  Tape tape_;
  std::uint64_t steps_ = 0;
};

/// Seconds of one step, over as many as fill the time of a measurement.
double measure(Training& training) {
  const Clock::time_point start = Clock::now();
  double elapsed = 0;
  Index steps = 0;
  while (elapsed < kMeasurementSeconds) {
    training.step();
    ++steps;
    elapsed = std::chrono::duration<double>(Clock::now() - start).count();
  }
  return elapsed / static_cast<double>(steps);
}

}  // namespace

TrainingBenchResult bench_training(const TrainingBench& bench, int repeats) {
  Training training(bench);
  measure(training);
  std::vector<double> seconds;
  for (int i = 0; i < repeats; ++i) seconds.push_back(measure(training));
  std::sort(seconds.begin(), seconds.end());
  return {.seconds = seconds[seconds.size() / 2], .flops = step_flops(bench, training.model())};
}

}  // namespace unfold
