#include "tasks/bench/training.h"

#include <algorithm>
#include <memory>

#include "base/lap.h"
#include "base/threads.h"
#include "unfold/clipping.h"
#include "unfold/optimizer.h"

namespace unfold {
namespace {

/// Different windows of text, over and over.
constexpr Index kWindows = 8;

/// Steps until several threads share each loop in the way that was found to be the fastest.
constexpr int kTrials = 13;

/// Far beyond the caches.
constexpr double kMostBytes = 256e6;

class Training {
 public:
  explicit Training(const BenchModel& bench)
      : model_(bench.make()),
        optimizer_(model_.parameters()),
        batches_(zipf_tokens(kWindows * rows(bench) + 1, bench.symbols), bench.settings.text.batch,
                 bench.settings.text.unroll),
        state_(model_.state(batches_.batch())),
        gradient_only_(bench.gradient_only) {
    for (int i = 0; i < (thread_count() > 1 ? kTrials : 1); ++i) step();
    warm_up_ = model_.layer_seconds();
    seconds_ = 0;
  }

  void step() {
    Lap lap;
    tape_.clear();
    LanguageModel::Loss loss = model_.loss(tape_, batches_.next(), state_, steps_++);
    tape_.backward(loss.objective);
    state_ = std::move(loss.state);
    if (!gradient_only_) optimizer_.step(1e-3, clip_factor(global_norm(model_.parameters()), 1.0));
    seconds_ += lap.seconds();
  }
  const LanguageModel& model() const { return model_; }

  /// Seconds of the recurrence's parts in a step of `seconds`, their shares being those of all steps so far.
  PlanSeconds parts(double seconds) const {
    const PlanSeconds all = model_.layer_seconds();
    const double scale = seconds / seconds_;
    return {.loop = (all.loop - warm_up_.loop) * scale,
            .outside = (all.outside - warm_up_.outside) * scale,
            .gradients = (all.gradients - warm_up_.gradients) * scale};
  }

 private:
  static Index rows(const BenchModel& bench) { return bench.settings.text.batch * bench.settings.text.unroll; }

  LanguageModel model_;
  Adam optimizer_;
  StreamBatches batches_;
  State state_;
  Tape tape_;
  bool gradient_only_;
  PlanSeconds warm_up_;
  double seconds_ = 0;  // of all steps since
  std::uint64_t steps_ = 0;
};

/// Work in steps.
Load load_of(const std::shared_ptr<Training>& training) {
  const auto repeat = [training](Index count) {
    for (Index i = 0; i < count; ++i) training->step();
  };
  return {.name = "training step", .work = 1, .repeat = repeat};
}

}  // namespace

TrainingRate measure_training(const BenchModel& model, int rounds, const BenchModel* plain) {
  const auto training = std::make_shared<Training>(model);
  TrainingRate result{.work = work_of(training->model())};
  std::vector<Load> loads = {load_of(training)};
  if (plain != nullptr) loads.push_back(load_of(std::make_shared<Training>(*plain)));
  // Of a cell without products in the loop memory is the limit, too.
  const bool streams = result.work.loop_operations == 0 && result.work.loop_bytes > 0;
  if (streams) loads.push_back(add_load(std::min(result.work.loop_bytes, kMostBytes)));
  const std::size_t first_product = loads.size();
  std::ranges::move(peak_loads(result.work.products, training->model().options().precision), std::back_inserter(loads));

  const std::vector<double> rates = measure_rates(loads, rounds);
  result.seconds = 1 / rates[0];
  if (plain != nullptr) result.plain_seconds = 1 / rates[1];
  result.parts = training->parts(result.seconds);
  if (streams) result.streaming = rates[first_product - 1];
  const auto best = std::max_element(rates.begin() + static_cast<std::ptrdiff_t>(first_product), rates.end());
  result.peak = *best;
  result.peak_shape = loads[static_cast<std::size_t>(best - rates.begin())].name;
  return result;
}

}  // namespace unfold
