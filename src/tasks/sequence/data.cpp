#include "tasks/sequence/data.h"

#include <fmt/format.h>

#include <numeric>

#include "tasks/labelling/data.h"
#include "tensor/row.h"
#include "unfold/error.h"

namespace unfold {
namespace {

std::optional<VectorTarget> wanted_target(const PredictionSettings& settings) {
  return settings.target == "automatic" ? std::nullopt : std::make_optional(parse_target(settings.target));
}

/// Leaves out the sequences that are too short to predict anything of.
void drop_short(const char* part, const VectorCoding& coding, SequenceData& data) {
  std::erase_if(data.sequences,
                [&](const Sequence& sequence) { return coding.predictions(sequence.values.shape()[0]) == 0; });
  if (data.sequences.empty()) {
    throw InputError(fmt::format("no sequence of the {} part has the {} that a prediction takes", part,
                                 coding.predicts_next() ? "two steps" : "step"));
  }
}

SequenceStatistics statistics_of(const SequenceData& train, const VectorCoding& coding) {
  SequenceStatistics statistics;
  std::vector<double> sum(static_cast<std::size_t>(coding.inputs()));
  std::vector<float> input(sum.size());
  if (coding.target != VectorTarget::kSquared) statistics.chains.emplace(coding.targets(), coding.chain_symbols());
  for (const Sequence& sequence : train.sequences) {
    coding.read(row_of(sequence.values, 0), input);
    std::transform(sum.begin(), sum.end(), input.begin(), sum.begin(), std::plus<>());
    if (!statistics.chains) continue;
    Tensor targets({sequence.values.shape()[0], coding.targets()});
    for (Index t = 0; t < targets.shape()[0]; ++t) coding.compare(row_of(sequence.values, t), row_of(targets, t));
    statistics.chains->count(targets);
  }
  for (const double total : sum) {
    statistics.start.push_back(static_cast<float>(total / static_cast<double>(train.sequences.size())));
  }
  return statistics;
}

void check(const PredictionSettings& settings, const VectorCoding& coding) {
  if (settings.transpose > 0 && (coding.target != VectorTarget::kBernoulli || !coding.predicts_next())) {
    throw UsageError("--transpose moves the columns of bits that are all predicted, such as the keys of a piano");
  }
}

}  // namespace

std::vector<Index> VectorData::training_lengths() const {
  std::vector<Index> lengths;
  for (const Sequence& sequence : train.sequences) lengths.push_back(coding.predictions(sequence.values.shape()[0]));
  return lengths;
}

Index VectorData::predictions(const SequenceData& part) const {
  return std::accumulate(part.sequences.begin(), part.sequences.end(), Index{0}, [&](Index sum, const Sequence& one) {
    return sum + coding.predictions(one.values.shape()[0]);
  });
}

VectorData read_vector_data(SequenceSettings& settings) {
  LabelledData read = read_labelled_data(settings.data);
  VectorData data;
  data.coding = VectorCoding::of(read.train, wanted_target(settings.prediction), settings.prediction.targets);
  check(settings.prediction, data.coding);
  settings.prediction.target = target_name(data.coding.target);
  drop_short("training", data.coding, read.train);
  drop_short("validation", data.coding, read.valid);
  for (const Sequence& sequence : read.valid.sequences) data.coding.expect(sequence, read.valid.kind);
  data.statistics = statistics_of(read.train, data.coding);
  data.checksum = content_checksum(read.train);
  data.remarks = std::move(read.remarks);
  data.train = std::move(read.train);
  data.valid = std::move(read.valid);
  Index& batch = settings.prediction.batch;
  if (batch == kAutomatic) {
    batch = usual_batch(data.predictions(data.train), static_cast<Index>(data.train.sequences.size()));
  }
  return data;
}

}  // namespace unfold
