#include "tasks/sequence/evaluate.h"

#include <fmt/format.h>

#include <cmath>

#include "layers/vectors/vector_output.h"
#include "tasks/labelling/data.h"
#include "tensor/row.h"
#include "unfold/error.h"

namespace unfold {
namespace {

// Sequences that a model is given at once; it divides them into batches itself.
constexpr std::size_t kAtOnce = 1024;
// Predictions that tell how far a model is off on average.
constexpr Index kNoiseSteps = 20000;

/// A step that was predicted.
struct Predicted {
  std::span<const float> y;       // [O] what the network wrote
  std::span<const float> target;  // [W]
  std::span<const float> before;  // [W] the targets of the step before; empty where it is the first step
};

/// Calls use(predicted) for every prediction of some sequences.
template <class Use>
void for_predictions(SequenceModel& model, const std::vector<const Sequence*>& sequences, const Use& use) {
  const VectorCoding& coding = model.coding();
  const std::vector<Tensor> outputs = model.outputs(sequences, SequenceKind::kVectors);
  for (std::size_t s = 0; s < sequences.size(); ++s) {
    const Tensor& values = sequences[s]->values;
    Tensor targets({values.shape()[0], coding.targets()});
    for (Index t = 0; t < values.shape()[0]; ++t) coding.compare(row_of(values, t), row_of(targets, t));
    const Index first = coding.predicts_next() ? 1 : 0;
    for (Index t = first; t < values.shape()[0]; ++t) {
      use(Predicted{.y = row_of(outputs[s], t - first),
                    .target = row_of(targets, t),
                    .before = t > 0 ? row_of(targets, t - 1) : std::span<float>()});
    }
  }
}

/// Sums over the steps of one column of numbers.
struct ColumnSums {
  double model = 0;
  double last = 0;
  double sum = 0;
  double squares = 0;
  Index count = 0;
  Index followers = 0;  // values whose step before has one, too

  void add(const Predicted& step, std::size_t column) {
    const double target = step.target[column];
    if (std::isnan(target)) return;
    ++count;
    sum += target;
    squares += target * target;
    model += (step.y[column] - target) * (step.y[column] - target);
    if (step.before.empty() || std::isnan(step.before[column])) return;
    ++followers;
    last += (step.before[column] - target) * (step.before[column] - target);
  }
  /// In units of `deviation`.
  ColumnError error(const std::string& name, double deviation) const {
    const double variance = deviation * deviation;
    const auto n = static_cast<double>(std::max<Index>(count, 1));
    ColumnError error{.name = name, .count = count};
    error.model = variance * model / n;
    error.mean = variance * std::max(0.0, squares / n - sum / n * (sum / n));
    if (followers > 0) error.last = variance * last / static_cast<double>(followers);
    return error;
  }
};

std::vector<ColumnError> errors_of(const VectorCoding& coding, const std::vector<ColumnSums>& sums) {
  std::vector<ColumnError> errors;
  const std::vector<Index> columns = coding.predicted_columns();
  for (std::size_t i = 0; i < sums.size(); ++i) {
    const auto column = static_cast<std::size_t>(columns[i]);
    errors.push_back(sums[i].error(coding.names[column], coding.standardisation.deviation[column]));
  }
  return errors;
}

}  // namespace

double VectorEvaluation::squared_error() const {
  double sum = 0;
  Index count = 0;
  for (const ColumnError& column : columns) {
    sum += column.model * static_cast<double>(column.count);
    count += column.count;
  }
  return count > 0 ? sum / static_cast<double>(count) : 0;
}

std::optional<double> VectorEvaluation::last_squared_error() const {
  double sum = 0;
  Index count = 0;
  for (const ColumnError& column : columns) {
    if (!column.last) return std::nullopt;
    sum += *column.last * static_cast<double>(column.count);
    count += column.count;
  }
  return count > 0 ? std::make_optional(sum / static_cast<double>(count)) : std::nullopt;
}

double VectorEvaluation::r_squared() const {
  double sum = 0;
  for (const ColumnError& column : columns) sum += column.r_squared();
  return columns.empty() ? 0 : sum / static_cast<double>(columns.size());
}

VectorEvaluation evaluate_vectors(SequenceModel& model, const StepChains* chains, const SequenceData& data) {
  const VectorCoding& coding = model.coding();
  VectorEvaluation evaluation{.target = coding.target};
  std::vector<ColumnSums> sums(coding.target == VectorTarget::kSquared ? static_cast<std::size_t>(coding.targets())
                                                                       : 0);
  const auto add = [&](const Predicted& step) {
    ++evaluation.steps;
    evaluation.cost += model.output().cost(step.y, step.target);
    for (std::size_t i = 0; i < sums.size(); ++i) sums[i].add(step, i);
    if (chains == nullptr) return;
    const double alone = chains->nats(step.target);
    evaluation.alone_nats += alone;
    evaluation.chain_nats += step.before.empty() ? alone : chains->nats(step.before, step.target);
  };
  for (const Sequence& sequence : data.sequences) coding.expect(sequence, data.kind);
  std::vector<const Sequence*> some;
  for (const Sequence& sequence : data.sequences) {
    some.push_back(&sequence);
    if (some.size() < kAtOnce && &sequence != &data.sequences.back()) continue;
    for_predictions(model, some, add);
    some.clear();
  }
  if (evaluation.steps == 0) throw InputError("there is no step to predict");
  evaluation.sequences = static_cast<Index>(data.sequences.size());
  for (double* sum : {&evaluation.cost, &evaluation.alone_nats, &evaluation.chain_nats}) {
    *sum /= static_cast<double>(evaluation.steps);
  }
  evaluation.columns = errors_of(coding, sums);
  return evaluation;
}

VectorEvaluation evaluate_vector_files(LoadedSequenceModel& loaded, const std::vector<std::string>& files,
                                       const ReadOptions& reading) {
  const SequenceData data = read_files(files, reading);
  try {
    return evaluate_vectors(loaded.model, loaded.statistics.chains ? &*loaded.statistics.chains : nullptr, data);
  } catch (const InputError& error) {
    throw InputError(fmt::format("{}: {}", fmt::join(files, " "), error.what()));
  }
}

std::vector<float> measure_noise(SequenceModel& model, const SequenceData& train) {
  if (model.coding().target != VectorTarget::kSquared) return {};
  std::vector<const Sequence*> some;
  Index steps = 0;
  for (const Sequence& sequence : train.sequences) {
    if (steps >= kNoiseSteps) break;
    some.push_back(&sequence);
    steps += model.coding().predictions(sequence.values.shape()[0]);
  }
  std::vector<ColumnSums> sums(static_cast<std::size_t>(model.coding().targets()));
  for_predictions(model, some, [&](const Predicted& step) {
    for (std::size_t i = 0; i < sums.size(); ++i) sums[i].add(step, i);
  });
  std::vector<float> noise;
  for (const ColumnSums& column : sums) noise.push_back(static_cast<float>(std::sqrt(column.error("", 1).model)));
  return noise;
}

}  // namespace unfold
