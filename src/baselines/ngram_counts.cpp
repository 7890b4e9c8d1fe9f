// Counting n-grams, and the recursion of Witten and Bell.
#include "baselines/ngram_counts.h"

#include <fmt/format.h>

#include <algorithm>

#include "unfold/error.h"

namespace unfold {
namespace {

constexpr std::size_t kFirstSlots = 1024;

std::uint64_t key_of(ContextId context, std::int32_t token) {
  return (std::uint64_t{context} << 32) | static_cast<std::uint32_t>(token);
}

// The finaliser of MurmurHash3: contexts and tokens are small numbers, their bits must reach the whole table.
std::uint64_t hash(std::uint64_t key) {
  key = (key ^ (key >> 33)) * 0xff51afd7ed558ccd;
  key = (key ^ (key >> 33)) * 0xc4ceb9fe1a85ec53;
  return key ^ (key >> 33);
}

}  // namespace

ContinuationTable::ContinuationTable() : slots_(kFirstSlots) {}

std::size_t ContinuationTable::slot_of(std::uint64_t key) const {
  const std::size_t mask = slots_.size() - 1;
  std::size_t slot = hash(key) & mask;
  while (slots_[slot].key != key && slots_[slot].key != kFree) slot = (slot + 1) & mask;
  return slot;
}

const Continuation* ContinuationTable::find(ContextId context, std::int32_t token) const {
  const std::uint64_t key = key_of(context, token);
  const Slot& slot = slots_[slot_of(key)];
  return slot.key == key ? &slot.value : nullptr;
}

Continuation& ContinuationTable::insert(ContextId context, std::int32_t token) {
  const std::uint64_t key = key_of(context, token);
  std::size_t slot = slot_of(key);
  if (slots_[slot].key == kFree) {
    if (2 * (used_ + 1) > slots_.size()) {
      grow();
      slot = slot_of(key);
    }
    slots_[slot].key = key;
    ++used_;
  }
  return slots_[slot].value;
}

void ContinuationTable::grow() {
  std::vector<Slot> before(2 * slots_.size());
  std::swap(before, slots_);
  for (const Slot& slot : before) {
    if (slot.key != kFree) slots_[slot_of(slot.key)] = slot;
  }
}

ContextChain NGramCounts::beginning() const {
  ContextChain chain(static_cast<std::size_t>(order), kUnseenContext);
  chain[0] = kEmptyContext;
  return chain;
}

void NGramCounts::add(ContextChain& chain, std::int32_t token) {
  // Longest context first: the next chain's element k + 1 continues this one's element k.
  for (std::size_t k = chain.size(); k-- > 0;) {
    if (chain[k] == kUnseenContext) continue;
    Continuation& continuation = continuations.insert(chain[k], token);
    ContextTotals& context = totals[chain[k]];
    ++context.count;
    if (continuation.count++ == 0) ++context.types;
    if (k + 1 == chain.size()) continue;
    if (continuation.context == kUnseenContext) {
      if (totals.size() == kUnseenContext) throw InputError("too many different contexts; choose a smaller order");
      continuation.context = static_cast<ContextId>(totals.size());
      totals.emplace_back();
    }
    chain[k + 1] = continuation.context;
  }
}

void NGramCounts::advance(ContextChain& chain, std::int32_t token) const {
  for (std::size_t k = chain.size() - 1; k-- > 0;) {
    const Continuation* const continuation = chain[k] == kUnseenContext ? nullptr : continuations.find(chain[k], token);
    chain[k + 1] = continuation == nullptr ? kUnseenContext : continuation->context;
  }
}

double NGramCounts::probability(const ContextChain& chain, std::int32_t token) const {
  double p = 1.0 / static_cast<double>(vocabulary_size);
  for (const ContextId context : chain) {
    if (context == kUnseenContext) break;  // then all longer ones are unseen too
    const auto [count, types] = totals[context];
    if (count == 0) break;  // seen at the end of the text only
    const Continuation* const continuation = continuations.find(context, token);
    const double seen = continuation == nullptr ? 0 : continuation->count;
    p = (seen + types * p) / (static_cast<double>(count) + types);
  }
  return p;
}

}  // namespace unfold
