// Batches of sequences of vectors, each step beside what is predicted from it.
#include "tensor/row.h"
#include "unfold/error.h"
#include "unfold/vector_coding.h"

namespace unfold {
namespace {

/// row [F], its columns moved up by `shift`.
void shift_columns(std::span<const float> row, Index shift, std::span<float> shifted) {
  const auto width = static_cast<Index>(row.size());
  for (Index column = 0; column < width; ++column) {
    const Index from = column - shift;
    shifted[static_cast<std::size_t>(column)] = from >= 0 && from < width ? row[static_cast<std::size_t>(from)] : 0;
  }
}

}  // namespace

VectorStepBatch batch_of_steps(const SequenceData& data, const VectorCoding& coding, std::span<const Index> sequences,
                               std::span<const Index> shifts) {
  if (!shifts.empty() && (coding.target != VectorTarget::kBernoulli || shifts.size() != sequences.size())) {
    throw ContractError("columns are shifted of sequences of bits, by one number for each sequence");
  }
  std::vector<Index> lengths;
  VectorStepBatch batch;
  for (const Index number : sequences) {
    lengths.push_back(coding.predictions(data.sequences[static_cast<std::size_t>(number)].values.shape()[0]));
    batch.sequences.push_back(static_cast<std::uint64_t>(number));
  }
  batch.unrolling = Unrolling::ragged(lengths);
  batch.inputs = Tensor({batch.unrolling.rows(), coding.inputs()});
  batch.targets = Tensor({batch.unrolling.rows(), coding.targets()});
  std::vector<float> shifted(coding.names.size());
  for (std::size_t s = 0; s < sequences.size(); ++s) {
    const Tensor& values = data.sequences[static_cast<std::size_t>(sequences[s])].values;
    const auto row_at = [&](Index step) -> std::span<const float> {
      if (shifts.empty() || shifts[s] == 0) return row_of(values, step);
      shift_columns(row_of(values, step), shifts[s], shifted);
      return shifted;
    };
    for (Index step = 0; step < lengths[s]; ++step) {
      const Index row = batch.unrolling.row(static_cast<Index>(s), step);
      coding.read(row_at(step), row_of(batch.inputs, row));
      coding.compare(row_at(coding.predicts_next() ? step + 1 : step), row_of(batch.targets, row));
    }
  }
  return batch;
}

}  // namespace unfold
