// The contexts of a text and what followed them: a suffix tree of the reversed text, cut off at a greatest length.
//
// A context is the run of tokens before a place, grown from its newest token to older ones. The root is the empty
// context. Only contexts whose occurrences differ in the token before them are nodes; a context that leads to one other
// context alone lies on the edge to it, and one that occurs once is a place in the text. So the tree takes memory
// proportional to the text, however long its contexts are: Weiner 1973, McCreight 1976.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

namespace unfold {

/// A token and how often it followed a context.
struct TokenCount {
  std::uint32_t token = 0;
  std::uint32_t count = 0;
};

/// What followed one context. `counts` are sorted by token.
struct Continuations {
  std::span<const TokenCount> counts;
  std::uint32_t total = 0;  // the sum of the counts
  std::uint32_t once = 0;   // different tokens with count 1
  std::uint32_t twice = 0;  // and with count 2
  bool all_once = false;    // every count is to be read as 1

  std::uint32_t types() const { return static_cast<std::uint32_t>(counts.size()); }
  std::uint32_t count(const TokenCount& entry) const { return all_once ? 1 : entry.count; }
  /// The count of one token, 0 where it never followed.
  std::uint32_t count(std::int32_t token) const;
};

/// What begins a text: no token, and in no context.
inline constexpr std::int32_t kBeginning = -1;
inline constexpr std::int32_t kNoBoundary = -2;

struct ContextTree {
  struct Node {
    std::uint32_t length = 0;  // of the context, in tokens
    std::uint32_t place = 0;   // in `text`, of a token that followed; 0 where the edge to the node is one token long
    std::uint32_t first_child = 0;  // in `children`
    std::uint32_t children = 0;
    std::uint32_t first_count = 0;  // in `counts`
    std::uint32_t types = 0;
    std::uint32_t total = 0;
    std::uint32_t once = 0;
    std::uint32_t twice = 0;
  };
  /// The contexts that grow from a node's by one older token.
  struct Child {
    std::int32_t token = 0;
    std::uint32_t node = 0;   // 0: a context that occurs once
    std::uint32_t place = 0;  // then the place of what followed it
  };

  std::uint32_t longest = 0;            // context, in tokens
  std::int32_t boundary = kNoBoundary;  // contexts may begin with it, and do not reach past it
  bool distinct = false;                // what the counts are, see `grow_context_tree`
  std::vector<Node> nodes;              // the root first, children after their parents
  std::vector<Child> children;          // of a node: sorted by token
  std::vector<TokenCount> counts;       // of a node: sorted by token
  std::vector<std::int32_t> text;       // its first element, and those stretches that edges and places spell

  Continuations continuations(const Node& node) const;
  /// Of a context on the edge to `node`: it occurs where the node's does.
  Continuations continuations_above(const Node& node) const;
};

/// The tree of all contexts of up to `longest` tokens of `text`. Its first element is kBeginning, or the boundary where
/// there is one, and counted as a context only.
///
/// The counts are those of the text. If `distinct`, those of the longest contexts are, and after a shorter context c a
/// token w counts as often as there are different tokens before c w; where none is before (c begins the text or begins
/// with the boundary), every occurrence counts. These are the continuation counts of Kneser and Ney.
ContextTree grow_context_tree(std::span<const std::int32_t> text, std::uint32_t longest, std::int32_t boundary,
                              bool distinct);

/// False for tables that no text grows: a number that refers to nothing, or a way down that leads out of them.
bool is_sound(const ContextTree& tree, std::int64_t vocabulary_size);

/// Goes from the empty context to ever longer ones that end a history, as far as they were seen.
class ContextWalk {
 public:
  /// `history`, oldest token first, outlives the walk, as does the tree.
  ContextWalk(const ContextTree& tree, std::span<const std::int32_t> history);
  ContextWalk(const ContextWalk&) = delete;
  ContextWalk& operator=(const ContextWalk&) = delete;

  std::uint32_t length() const { return length_; }
  const Continuations& continuations() const { return continuations_; }
  /// Takes one more token of the history into the context. False, and nothing changed, where that was never seen.
  bool lengthen();

 private:
  bool enter_child(std::int32_t older);
  void read_continuations();

  const ContextTree* tree_;
  std::span<const std::int32_t> history_;
  std::uint32_t length_ = 0;
  const ContextTree::Node* node_;  // at which, or on the edge to which, the context is; null where it occurs once
  std::uint32_t place_ = 0;        // of a token that followed it
  TokenCount single_;              // what followed the context that occurs once
  Continuations continuations_;
};

/// Calls `visit` for every context of exactly `length` tokens, oldest first, with what followed it.
using ContextVisitor = std::function<void(std::span<const std::int32_t> context, const Continuations& continuations)>;
void visit_contexts(const ContextTree& tree, std::uint32_t length, const ContextVisitor& visit);

/// How many n-grams of one order have a count of 1, 2, 3, 4 (elements 0 to 3) and more (element 4).
using CountsOfCounts = std::array<std::uint64_t, 5>;
/// Of every order, the unigrams first.
std::vector<CountsOfCounts> counts_of_counts(const ContextTree& tree);

}  // namespace unfold
