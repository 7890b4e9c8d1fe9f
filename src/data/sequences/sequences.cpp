#include "unfold/sequences.h"

#include <algorithm>

#include "unfold/error.h"
#include "unfold/sequence_reader.h"

namespace unfold {
namespace {

/// The ids that `to` gives the names of `from`, added where it lacks them.
std::vector<std::int32_t> translation(const Labels& from, Labels& to) {
  std::vector<std::int32_t> ids;
  for (const std::string& name : from.names()) ids.push_back(to.add(name));
  return ids;
}

void translate(std::int32_t& label, const std::vector<std::int32_t>& ids) {
  if (label != Labels::kNone) label = ids[static_cast<std::size_t>(label)];
}

Labels sorted(const Labels& labels) {
  std::vector<std::string> names(labels.names().begin(), labels.names().end());
  std::sort(names.begin(), names.end());
  return Labels(names);
}

}  // namespace

Index steps_of(const Sequence& sequence, SequenceKind kind) {
  switch (kind) {
    case SequenceKind::kText: break;
    case SequenceKind::kWords: return static_cast<Index>(sequence.words.size());
    case SequenceKind::kVectors: return sequence.values.shape()[0];
  }
  throw ContractError("how many steps a text has depends on the vocabulary that divides it");
}

SequenceData read_sequences(const std::string& file, const ReadOptions& options) {
  const std::unique_ptr<SequenceReader> reader = open_sequences(file, options);
  SequenceData data;
  while (std::optional<Record> record = reader->next()) {
    if (!record->sequence) continue;
    if (!options.part.empty() && record->sequence->part != options.part) continue;
    data.sequences.push_back(std::move(*record->sequence));
  }
  data.kind = reader->kind();
  data.labels = reader->labels();
  data.features = reader->features();
  data.format = reader->format();
  data.windows_1252_lines = reader->windows_1252_lines();
  if (!reader->declares_labels()) relabel(data, sorted(data.labels));
  return data;
}

void relabel(SequenceData& data, Labels labels) {
  const std::vector<std::int32_t> ids = translation(data.labels, labels);
  for (Sequence& sequence : data.sequences) {
    translate(sequence.label, ids);
    for (std::int32_t& label : sequence.step_labels) translate(label, ids);
  }
  data.labels = std::move(labels);
}

}  // namespace unfold
