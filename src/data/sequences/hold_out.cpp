#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "base/checksum.h"
#include "base/random.h"
#include "base/shuffle.h"
#include "unfold/error.h"
#include "unfold/preparation.h"

namespace unfold {
namespace {

/// Everything but the sequences.
SequenceData like(const SequenceData& data) {
  SequenceData other;
  other.kind = data.kind;
  other.labels = data.labels;
  other.features = data.features;
  other.format = data.format;
  return other;
}

/// What a label's choice is drawn from: its name, so that ids and other labels do not matter.
std::uint64_t key_of(const SequenceData& data, std::int32_t label, std::uint64_t seed) {
  const std::string name = label == Labels::kNone ? "" : data.labels.name(label);
  return combine(seed, checksum(std::as_bytes(std::span(name))));
}

std::vector<bool> choose(const SequenceData& data, double share, std::uint64_t seed) {
  std::map<std::int32_t, std::vector<std::size_t>> classes;
  for (std::size_t i = 0; i < data.sequences.size(); ++i) {
    const Sequence& sequence = data.sequences[i];
    classes[sequence.step_labels.empty() ? sequence.label : Labels::kNone].push_back(i);
  }
  std::vector<bool> chosen(data.sequences.size());
  for (auto& [label, members] : classes) {
    Random random(key_of(data, label, seed));
    shuffle(std::span(members), random);
    const auto wanted = static_cast<std::size_t>(std::lround(share * static_cast<double>(members.size())));
    const std::size_t count = std::min(wanted, members.size() - 1);
    for (std::size_t i = 0; i < count; ++i) chosen[members[i]] = true;
  }
  return chosen;
}

}  // namespace

HoldOut stratified_hold_out(SequenceData data, double share, std::uint64_t seed) {
  if (!(share >= 0 && share < 1)) {
    throw UsageError(fmt::format("the share that is held out must be at least 0 and below 1, not {}", share));
  }
  const std::vector<bool> chosen = choose(data, share, seed);
  HoldOut parts{like(data), like(data)};
  for (std::size_t i = 0; i < chosen.size(); ++i) {
    (chosen[i] ? parts.held_out : parts.train).sequences.push_back(std::move(data.sequences[i]));
  }
  return parts;
}

}  // namespace unfold
