// The recursion of an interpolated model, from the empty context to the longest one that was seen.
#include <algorithm>
#include <numeric>

#include "baselines/ngram_model.h"

namespace unfold {

CountedNGram::CountedNGram(ContextTree tree_, Smoother smoother_, Index vocabulary_size_)
    : tree(std::move(tree_)), smoother(std::move(smoother_)) {
  order = static_cast<int>(tree.longest) + 1;
  vocabulary_size = vocabulary_size_;
  if (tree.boundary != kNoBoundary) boundary = tree.boundary;
}

double CountedNGram::probability(std::span<const std::int32_t> context, std::int32_t token) const {
  double p = 1.0 / static_cast<double>(vocabulary_size);
  ContextWalk walk(tree, context);
  do {
    const Shares shares = smoother.shares(walk.continuations(), walk.length());
    p = shares.counted(walk.continuations().count(token)) + shares.lower * p;
  } while (walk.lengthen());
  return p;
}

void CountedNGram::probabilities(std::span<const std::int32_t> context, std::span<double> p) const {
  std::fill(p.begin(), p.end(), 1.0 / static_cast<double>(vocabulary_size));
  ContextWalk walk(tree, context);
  do {
    const Continuations& continuations = walk.continuations();
    const Shares shares = smoother.shares(continuations, walk.length());
    for (double& value : p) value *= shares.lower;
    for (const TokenCount& entry : continuations.counts) p[entry.token] += shares.counted(continuations.count(entry));
  } while (walk.lengthen());
}

std::vector<std::uint64_t> CountedNGram::counts() const {
  std::vector<std::uint64_t> sums;
  for (const CountsOfCounts& of_order : counts_of_counts(tree)) {
    sums.push_back(std::accumulate(of_order.begin(), of_order.end(), std::uint64_t{0}));
  }
  return sums;
}

}  // namespace unfold
