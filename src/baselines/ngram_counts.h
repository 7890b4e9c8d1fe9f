// The counts of an n-gram model: a trie of contexts whose edges are all in one hash table.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "unfold/tensor.h"

namespace unfold {

/// A context, oldest token first: a node of the trie. The root is the empty context.
using ContextId = std::uint32_t;
inline constexpr ContextId kEmptyContext = 0;
inline constexpr ContextId kUnseenContext = 0xFFFFFFFF;

/// Token w after context c: how often, and the context (c w) if it is short enough to be one.
struct Continuation {
  ContextId context = kUnseenContext;
  std::uint32_t count = 0;
};

/// The continuations of every context, by open addressing with linear probing.
class ContinuationTable {
 public:
  ContinuationTable();
  /// Null where `token` was never seen after `context`. A reference is valid until the next `insert`.
  const Continuation* find(ContextId context, std::int32_t token) const;
  /// The continuation, added with count 0 if it is new.
  Continuation& insert(ContextId context, std::int32_t token);

 private:
  struct Slot {
    std::uint64_t key = kFree;
    Continuation value;
  };
  static constexpr std::uint64_t kFree = ~std::uint64_t{0};  // no key: tokens are below 2^31

  std::size_t slot_of(std::uint64_t key) const;
  void grow();

  std::vector<Slot> slots_;  // a power of two of them
  std::size_t used_ = 0;
};

/// What is known of all continuations of one context.
struct ContextTotals {
  std::uint32_t count = 0;  // occurrences that a token follows
  std::uint32_t types = 0;  // different tokens that follow
};

/// The contexts that end at one place of a text: element k is the last k tokens, k = 0 ... order - 1. Longer ones than
/// there are tokens are unseen.
using ContextChain = std::vector<ContextId>;

struct NGramCounts {
  Index vocabulary_size = 0;
  int order = 0;
  ContinuationTable continuations;
  std::vector<ContextTotals> totals{ContextTotals{}};  // by ContextId

  /// The chain at the beginning of a text.
  ContextChain beginning() const;
  /// Counts `token` after every context of the chain, and moves the chain past it.
  void add(ContextChain& chain, std::int32_t token);
  /// Moves the chain past a token without counting.
  void advance(ContextChain& chain, std::int32_t token) const;
  /// Interpolated Witten-Bell probability of `token` after the chain.
  double probability(const ContextChain& chain, std::int32_t token) const;
};

}  // namespace unfold
