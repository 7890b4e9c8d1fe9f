#include "tasks/sequence/predict.h"

#include <fmt/core.h>

#include <algorithm>

#include "layers/vectors/vector_output.h"
#include "tensor/row.h"
#include "unfold/error.h"
#include "unfold/sequence_reader.h"
#include "unfold/sequence_writer.h"

namespace unfold {
namespace {

/// The names of what is written: the predicted columns, or with probabilities, of symbols in one column, the symbols.
std::vector<std::string> columns_of(const VectorCoding& coding, bool probabilities) {
  std::vector<std::string> names;
  for (const Index column : coding.predicted_columns()) names.push_back(coding.names[static_cast<std::size_t>(column)]);
  if (!probabilities || names.size() == static_cast<std::size_t>(coding.outputs())) return names;
  std::vector<std::string> symbols;
  for (Index symbol = 0; symbol < coding.symbols; ++symbol) symbols.push_back(fmt::format("{}={}", names[0], symbol));
  return symbols;
}

/// What is written for each step of a sequence, from what the network wrote [T, O].
Tensor predictions_of(const SequenceModel& model, const Tensor& outputs, Index width, bool probabilities) {
  Tensor values({outputs.shape()[0], width});
  std::vector<float> target(static_cast<std::size_t>(model.coding().targets()));
  for (Index t = 0; t < outputs.shape()[0]; ++t) {
    if (probabilities) {
      model.output().probabilities(row_of(outputs, t), row_of(values, t));
    } else {
      model.output().best(row_of(outputs, t), target);
      std::ranges::copy(model.coding().restored(target), row_of(values, t).begin());
    }
  }
  return values;
}

}  // namespace

std::string written_format(const std::string& format, bool bits) {
  return format == "jsonl" || (format == "piano-roll" && bits) ? format : "long";
}

void predict_vectors(LoadedSequenceModel& loaded, const std::string& file, const ReadOptions& reading,
                     bool probabilities, const std::function<void(std::string_view)>& write) {
  SequenceModel& model = loaded.model;
  if (probabilities && model.coding().target == VectorTarget::kSquared) {
    throw UsageError("--scores are the probabilities of bits and symbols; the model predicts numbers");
  }
  const std::unique_ptr<SequenceReader> reader = open_sequences(file, reading);
  const std::vector<std::string> columns = columns_of(model.coding(), probabilities);
  const bool bits = model.coding().target == VectorTarget::kBernoulli && !probabilities;
  const std::unique_ptr<SequenceWriter> writer = make_sequence_writer(written_format(reader->format(), bits), columns);
  write(writer->begin());
  Index number = 0;
  while (const std::optional<Record> record = reader->next()) {
    if (!record->sequence || (!reading.part.empty() && record->sequence->part != reading.part)) continue;
    const Sequence* const sequence = &*record->sequence;
    const std::string name = sequence->name.empty() ? std::to_string(++number) : sequence->name;
    try {
      const std::vector<Tensor> outputs = model.outputs({&sequence, 1}, reader->kind());
      const Tensor values = predictions_of(model, outputs[0], static_cast<Index>(columns.size()), probabilities);
      write(writer->sequence(values, name, model.coding().predicts_next() ? 2 : 1));
    } catch (const InputError& error) {
      throw InputError(fmt::format("{}: {}", file == "-" ? "standard input" : file, error.what()));
    }
  }
  write(writer->end());
}

}  // namespace unfold
