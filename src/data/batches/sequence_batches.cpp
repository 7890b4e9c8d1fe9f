#include "unfold/sequence_batches.h"

#include <fmt/core.h>

#include <algorithm>
#include <numeric>

#include "base/random.h"
#include "base/shuffle.h"
#include "unfold/error.h"

namespace unfold {
namespace {

// Sequences are grouped by length within about this many batches: enough for nearly equal lengths, few enough for
// batches that differ from epoch to epoch.
constexpr Index kPool = 64;

void expect_budget(Index budget) {
  if (budget < 1) throw UsageError(fmt::format("the steps of a batch must be at least 1, found {}", budget));
}

/// Groups `sequences`, which it sorts.
void group(std::span<Index> sequences, std::span<const Index> lengths, Index budget,
           std::vector<std::vector<Index>>& groups) {
  const auto length = [&](Index sequence) { return lengths[static_cast<std::size_t>(sequence)]; };
  std::stable_sort(sequences.begin(), sequences.end(), [&](Index a, Index b) { return length(a) > length(b); });
  Index steps = budget;  // of the last group: full, so that the first sequence begins one
  for (const Index sequence : sequences) {
    // An empty sequence counts as a step: otherwise any number of them would be one group.
    const Index cost = std::max<Index>(length(sequence), 1);
    if (steps + cost > budget || groups.empty()) {
      groups.emplace_back();
      steps = 0;
    }
    groups.back().push_back(sequence);
    steps += cost;
  }
}

std::vector<Index> count_up(std::size_t count) {
  std::vector<Index> numbers(count);
  std::iota(numbers.begin(), numbers.end(), Index{0});
  return numbers;
}

}  // namespace

std::vector<std::vector<Index>> group_by_length(std::span<const Index> lengths, Index budget) {
  expect_budget(budget);
  std::vector<Index> sequences = count_up(lengths.size());
  std::vector<std::vector<Index>> groups;
  group(sequences, lengths, budget, groups);
  return groups;
}

SequenceBatches::SequenceBatches(std::vector<Index> lengths, Index budget, std::uint64_t seed)
    : lengths_(std::move(lengths)), budget_(budget), seed_(seed) {
  expect_budget(budget);
  if (lengths_.empty()) throw InputError("there is no sequence to learn from");
}

std::vector<std::vector<Index>> SequenceBatches::draw(Index epoch) const {
  Random random(combine(seed_, static_cast<std::uint64_t>(epoch)));
  std::vector<Index> order = count_up(lengths_.size());
  shuffle(std::span(order), random);
  std::vector<std::vector<Index>> groups;
  for (std::size_t begin = 0; begin < order.size();) {
    Index steps = 0;
    std::size_t end = begin;
    while (end < order.size() && steps < kPool * budget_) {
      steps += std::max<Index>(lengths_[static_cast<std::size_t>(order[end++])], 1);
    }
    group(std::span(order).subspan(begin, end - begin), lengths_, budget_, groups);
    begin = end;
  }
  shuffle(std::span(groups), random);
  return groups;
}

const std::vector<std::vector<Index>>& SequenceBatches::groups(Index epoch) const {
  if (drawn_ != epoch) groups_ = draw(epoch);
  drawn_ = epoch;
  return groups_;
}

Index SequenceBatches::batches(Index epoch) const { return static_cast<Index>(groups(epoch).size()); }

double SequenceBatches::epochs(Index steps) const {
  double epochs = 0;
  for (Index epoch = 0; steps > 0; ++epoch) {
    const Index count = batches(epoch);
    epochs += static_cast<double>(std::min(steps, count)) / static_cast<double>(count);
    steps -= count;
  }
  return epochs;
}

Index SequenceBatches::steps_per_epoch() const { return std::accumulate(lengths_.begin(), lengths_.end(), Index{0}); }

std::vector<Index> SequenceBatches::next() {
  std::vector<Index> batch = groups(position_.epoch)[static_cast<std::size_t>(position_.window)];
  if (++position_.window == batches(position_.epoch)) position_ = {position_.epoch + 1, 0};
  return batch;
}

void SequenceBatches::seek(BatchPosition position) {
  if (position.epoch < 0 || position.window < 0 || position.window >= batches(position.epoch)) {
    throw ContractError(fmt::format("epoch {} has no batch {}", position.epoch, position.window));
  }
  position_ = position;
}

VectorBatch batch_of_vectors(const SequenceData& data, std::span<const Index> sequences) {
  std::vector<Index> lengths;
  VectorBatch batch;
  bool labelled_steps = false;
  for (const Index number : sequences) {
    const Sequence& sequence = data.sequences.at(static_cast<std::size_t>(number));
    lengths.push_back(steps_of(sequence, data.kind));
    batch.labels.push_back(sequence.label);
    labelled_steps = labelled_steps || !sequence.step_labels.empty();
  }
  batch.unrolling = Unrolling::ragged(lengths);
  const Index width = data.width();
  batch.values = Tensor({batch.unrolling.rows(), width});
  if (labelled_steps) batch.step_labels.assign(static_cast<std::size_t>(batch.unrolling.rows()), Labels::kNone);
  for (std::size_t s = 0; s < sequences.size(); ++s) {
    const Sequence& sequence = data.sequences[static_cast<std::size_t>(sequences[s])];
    if (sequence.values.shape()[1] != width) {
      throw ContractError(
          fmt::format("a sequence has values {}, expected [T, {}]", sequence.values.shape().text(), width));
    }
    for (Index tick = 0; tick < lengths[s]; ++tick) {
      const Index row = batch.unrolling.row(static_cast<Index>(s), tick);
      std::copy_n(sequence.values.data() + tick * width, width, batch.values.data() + row * width);
      if (sequence.step_labels.empty()) continue;
      batch.step_labels[static_cast<std::size_t>(row)] = sequence.step_labels[static_cast<std::size_t>(tick)];
    }
  }
  return batch;
}

}  // namespace unfold
