#include "tasks/bench/model.h"

#include <algorithm>
#include <cmath>

#include "base/random.h"
#include "tasks/language_model/network.h"

namespace unfold {
namespace {

/// A rank from `uniform` in [0, 1).
Index zipf(double uniform, Index symbols) {
  constexpr double kShift = 2.7;
  const double rank = kShift * (std::pow((static_cast<double>(symbols) + kShift) / kShift, uniform) - 1);
  return std::min(static_cast<Index>(rank), symbols - 1);
}

bool has_output_layer(const LanguageModel& model) {
  return std::ranges::any_of(model.parameters(),
                             [](const Parameter* parameter) { return parameter->name().starts_with("output."); });
}

}  // namespace

BenchModel::BenchModel() {
  settings.network.hidden = "512";
  settings.network.layers = 3;
  settings.network.embed = 0;
  settings.text.batch = 64;
  settings.text.unroll = 64;
}

Settings BenchModel::list() {
  return joined({settings.network.list(), settings.regularisation.list(),
                 grouped("Execution", {settings.execution.precision_setting()})});
}

LanguageModel BenchModel::make() const { return LanguageModel(model_options(settings), symbols); }

ModelWork work_of(const LanguageModel& model) {
  ModelWork work;
  for (const PlanCost& layer : model.layer_costs()) {
    work.written_operations += layer.written_operations;
    work.operations += layer.operations;
    work.loop_operations += layer.loop_operations;
    work.loop_bytes += layer.loop_bytes;
    work.step_bytes += layer.step_bytes;
    work.products.insert(work.products.end(), layer.products.begin(), layer.products.end());
  }
  const LanguageModelOptions& options = model.options();
  if (has_output_layer(model)) {
    const auto entries = static_cast<double>(options.hidden.back() * model.vocabulary());
    const double output = 3 * 2 * static_cast<double>(options.batch * options.steps) * entries;
    work.written_operations += output;
    work.operations += output;
    work.step_bytes += (entries + static_cast<double>(model.vocabulary())) * sizeof(float);
  }
  return work;
}

std::vector<std::int32_t> zipf_tokens(Index count, Index symbols) {
  Random random(1);
  std::vector<std::int32_t> tokens(static_cast<std::size_t>(count));
  for (std::int32_t& token : tokens) token = static_cast<std::int32_t>(zipf(random.uniform_double(), symbols));
  return tokens;
}

}  // namespace unfold
