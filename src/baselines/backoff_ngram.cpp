#include "baselines/backoff_ngram.h"

#include <algorithm>

namespace unfold {

std::span<const BackoffNGram::Entry> BackoffNGram::children_of(const Entry& entry) const {
  return std::span(entries).subspan(entry.first_child, entry.children);
}

const BackoffNGram::Entry* BackoffNGram::child(const Entry& entry, std::int32_t token) const {
  const auto children = children_of(entry);
  const auto found = std::lower_bound(children.begin(), children.end(), token,
                                      [](const Entry& e, std::int32_t t) { return e.token < t; });
  return found != children.end() && found->token == token ? &*found : nullptr;
}

const BackoffNGram::Entry* BackoffNGram::find(std::span<const std::int32_t> ngram) const {
  const Entry* entry = &entries.front();
  for (const std::int32_t token : ngram) {
    entry = child(*entry, token);
    if (entry == nullptr) return nullptr;
  }
  return entry;
}

std::vector<std::int32_t> BackoffNGram::reach(std::span<const std::int32_t> context) const {
  std::vector<std::int32_t> tokens(context.begin(), context.end());
  if (!boundary) return tokens;
  const auto last = std::find(tokens.rbegin(), tokens.rend(), *boundary);
  if (last == tokens.rend()) return tokens;
  *last = static_cast<std::int32_t>(vocabulary_size);
  return {last.base() - 1, tokens.end()};
}

double BackoffNGram::probability(std::span<const std::int32_t> context, std::int32_t token) const {
  const std::vector<std::int32_t> tokens = reach(context);
  double left = 1;
  for (std::size_t length = tokens.size();; --length) {
    if (const Entry* const listed = find(std::span(tokens).last(length))) {
      if (const Entry* const found = child(*listed, token)) return left * found->probability;
      left *= listed->backoff;
    }
    if (length == 0) return 0;
  }
}

void BackoffNGram::probabilities(std::span<const std::int32_t> context, std::span<double> p) const {
  const std::vector<std::int32_t> tokens = reach(context);
  std::fill(p.begin(), p.end(), 0);
  for (std::size_t length = 0; length <= tokens.size(); ++length) {
    const Entry* const listed = find(std::span(tokens).last(length));
    if (listed == nullptr) continue;
    for (double& value : p) value *= listed->backoff;
    for (const Entry& entry : children_of(*listed)) {
      if (entry.token < vocabulary_size) p[static_cast<std::size_t>(entry.token)] = entry.probability;
    }
  }
}

}  // namespace unfold
