// Sequences that are the same, and how often labels occur.
#include <algorithm>
#include <string>
#include <unordered_set>

#include "base/checksum.h"
#include "unfold/preparation.h"

namespace unfold {
namespace {

/// Bytes that are equal for equal sequences of one kind, and only for those.
std::string content_of(const Sequence& sequence, SequenceKind kind) {
  if (kind == SequenceKind::kText) return sequence.text;
  if (kind == SequenceKind::kVectors) {
    const std::span<const std::byte> bytes = std::as_bytes(sequence.values.values());
    return std::string(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  }
  std::string content;
  for (const std::string& word : sequence.words) content += std::to_string(word.size()) + ' ' + word;
  return content;
}

std::string labelled_content(const Sequence& sequence, SequenceKind kind) {
  std::string key = std::to_string(sequence.label);
  for (const std::int32_t label : sequence.step_labels) key += ' ' + std::to_string(label);
  return key + '\n' + content_of(sequence, kind);
}

}  // namespace

std::uint32_t content_checksum(const SequenceData& data) {
  std::uint32_t sum = 0;
  const auto add = [&sum](const std::string& bytes) { sum = checksum(std::as_bytes(std::span(bytes)), sum); };
  for (const Sequence& sequence : data.sequences) add(labelled_content(sequence, data.kind));
  for (const std::string& name : data.labels.names()) add(name);
  return sum;
}

Index remove_duplicates(SequenceData& data) {
  std::unordered_set<std::string> seen;
  return static_cast<Index>(std::erase_if(data.sequences, [&](const Sequence& sequence) {
    return !seen.insert(labelled_content(sequence, data.kind)).second;
  }));
}

std::vector<Leak> identical_sequences(const SequenceData& data, const SequenceData& others) {
  std::vector<Leak> found;
  if (data.kind != others.kind) return found;
  std::unordered_set<std::string> contents;
  std::unordered_set<std::string> labelled;
  for (const Sequence& sequence : data.sequences) {
    contents.insert(content_of(sequence, data.kind));
    labelled.insert(labelled_content(sequence, data.kind));
  }
  for (std::size_t i = 0; i < others.sequences.size(); ++i) {
    const Sequence& sequence = others.sequences[i];
    if (!contents.contains(content_of(sequence, others.kind))) continue;
    found.push_back({static_cast<Index>(i), labelled.contains(labelled_content(sequence, others.kind))});
  }
  return found;
}

std::vector<float> class_weights(const SequenceData& data) {
  const bool whole = std::any_of(data.sequences.begin(), data.sequences.end(),
                                 [](const Sequence& sequence) { return sequence.label != Labels::kNone; });
  std::vector<double> counts(static_cast<std::size_t>(data.labels.size()));
  double total = 0;
  const auto count = [&](std::int32_t label) {
    if (label == Labels::kNone) return;
    ++counts[static_cast<std::size_t>(label)];
    ++total;
  };
  for (const Sequence& sequence : data.sequences) {
    if (whole) {
      count(sequence.label);
    } else {
      std::for_each(sequence.step_labels.begin(), sequence.step_labels.end(), count);
    }
  }
  const auto occurring =
      static_cast<double>(std::count_if(counts.begin(), counts.end(), [](double n) { return n > 0; }));
  std::vector<float> weights;
  for (const double n : counts) weights.push_back(n > 0 ? static_cast<float>(total / (occurring * n)) : 0);
  return weights;
}

}  // namespace unfold
