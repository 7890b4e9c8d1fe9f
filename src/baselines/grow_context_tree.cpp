// Growing the tree of contexts: the places of a text are sorted by the tokens before them, newest first, one length
// after the other; a group of places with the same context is a node.
#include <algorithm>
#include <numeric>
#include <utility>

#include "baselines/context_tree.h"

namespace unfold {
namespace {

using Node = ContextTree::Node;
using Child = ContextTree::Child;

/// Places first ... last - 1 of the sorted ones, which share a context.
struct Group {
  std::int32_t older = 0;  // the token that its last step added
  std::uint32_t first = 0;
  std::uint32_t last = 0;
};

/// Counts of tokens in an array with an element for each, which is cleared where it was used.
class Tally {
 public:
  explicit Tally(std::size_t tokens) : counts_(tokens) {}

  std::uint32_t& operator[](std::int32_t token) { return counts_[static_cast<std::size_t>(token)]; }
  void add(std::int32_t token) {
    if ((*this)[token]++ == 0) seen_.push_back(token);
  }
  /// Calls take(token, count) in the order of the tokens, and forgets them.
  template <class Take>
  void drain(const Take& take) {
    std::sort(seen_.begin(), seen_.end());
    for (const std::int32_t token : seen_) take(token, std::exchange((*this)[token], 0));
    seen_.clear();
  }

 private:
  std::vector<std::uint32_t> counts_;
  std::vector<std::int32_t> seen_;
};

class Grower {
 public:
  Grower(std::span<const std::int32_t> text, ContextTree& tree)
      : text_(text),
        tree_(tree),
        places_(text.size() - 1),
        moved_(text.size() - 1),
        tally_(static_cast<std::size_t>(*std::max_element(text.begin(), text.end())) + 1) {
    std::iota(places_.begin(), places_.end(), 1);
  }

  void grow() { grow({0, 0, static_cast<std::uint32_t>(places_.size())}, 0); }

 private:
  std::int32_t older(std::uint32_t place, std::uint32_t length) const { return text_[place - length - 1]; }

  bool may_lengthen(std::uint32_t place, std::uint32_t length) const {
    return length < tree_.longest && (length == 0 || text_[place - length] != tree_.boundary);
  }

  /// The node of a group whose context has `length` tokens, or is longer as far as all its places agree. The depth of
  /// the recursion is at most the longest context.
  std::uint32_t grow(const Group& group, std::uint32_t length) {
    while (length > 0 && agree(group, length)) ++length;
    const auto number = static_cast<std::uint32_t>(tree_.nodes.size());
    const std::uint32_t place = places_[group.first];
    tree_.nodes.emplace_back();
    tree_.nodes.back().length = length;
    tree_.nodes.back().place = place;
    count(number, group);
    if (may_lengthen(place, length)) {
      grow_children(number, split(group, length));
      if (tree_.distinct) count_distinct(number, group);
    }
    summarise(tree_.nodes[number]);
    return number;
  }

  bool agree(const Group& group, std::uint32_t length) const {
    const std::uint32_t place = places_[group.first];
    if (!may_lengthen(place, length)) return false;
    const std::int32_t token = older(place, length);
    return token != kBeginning && std::all_of(places_.begin() + group.first + 1, places_.begin() + group.last,
                                              [&](std::uint32_t other) { return older(other, length) == token; });
  }

  void count(std::uint32_t number, const Group& group) {
    Node& node = tree_.nodes[number];
    node.first_count = static_cast<std::uint32_t>(tree_.counts.size());
    for (std::uint32_t i = group.first; i < group.last; ++i) tally_.add(text_[places_[i]]);
    tally_.drain([&](std::int32_t token, std::uint32_t n) {
      tree_.counts.push_back({static_cast<std::uint32_t>(token), n});
    });
    node.types = static_cast<std::uint32_t>(tree_.counts.size()) - node.first_count;
  }

  /// Sorts a group by the token before its context. The place at the beginning of the text, which has none, comes first
  /// and into no part.
  std::vector<Group> split(const Group& group, std::uint32_t length) {
    std::vector<Group> parts;
    std::uint32_t begin = group.first;
    for (std::uint32_t i = group.first; i < group.last; ++i) {
      const std::int32_t token = older(places_[i], length);
      if (token == kBeginning) {
        std::swap(places_[i], places_[begin++]);
      } else {
        tally_.add(token);
      }
    }
    tally_.drain([&](std::int32_t token, std::uint32_t n) {
      parts.push_back({token, begin, begin + n});
      begin += n;
    });
    if (parts.empty()) return parts;
    const std::uint32_t first = parts.front().first;
    for (const Group& part : parts) tally_[part.older] = part.first;  // where its next place goes
    for (std::uint32_t i = first; i < group.last; ++i) moved_[tally_[older(places_[i], length)]++] = places_[i];
    for (const Group& part : parts) tally_[part.older] = 0;
    std::copy(moved_.begin() + first, moved_.begin() + group.last, places_.begin() + first);
    return parts;
  }

  void grow_children(std::uint32_t number, const std::vector<Group>& parts) {
    const auto first = static_cast<std::uint32_t>(tree_.children.size());
    tree_.nodes[number].first_child = first;
    tree_.nodes[number].children = static_cast<std::uint32_t>(parts.size());
    const std::uint32_t length = tree_.nodes[number].length + 1;
    tree_.children.resize(first + parts.size());
    for (std::size_t i = 0; i < parts.size(); ++i) {
      const Group& part = parts[i];
      const bool alone = part.last - part.first == 1;
      const Child child = alone ? Child{part.older, 0, places_[part.first]} : Child{part.older, grow(part, length), 0};
      tree_.children[first + i] = child;
    }
  }

  void count_distinct(std::uint32_t number, const Group& group) {
    const Node& node = tree_.nodes[number];
    for (const Child& child : std::span(tree_.children).subspan(node.first_child, node.children)) {
      if (child.node == 0) {
        ++tally_[text_[child.place]];
      } else {
        const Node& below = tree_.nodes[child.node];
        for (const TokenCount& entry : tree_.continuations(below).counts) {
          ++tally_[static_cast<std::int32_t>(entry.token)];
        }
      }
    }
    const std::uint32_t first = places_[group.first];
    if (older(first, node.length) == kBeginning) ++tally_[text_[first]];
    for (TokenCount& entry : std::span(tree_.counts).subspan(node.first_count, node.types)) {
      entry.count = std::exchange(tally_[static_cast<std::int32_t>(entry.token)], 0);
    }
  }

  void summarise(Node& node) const {
    for (const TokenCount& entry : tree_.continuations(node).counts) {
      node.total += entry.count;
      node.once += entry.count == 1 ? 1 : 0;
      node.twice += entry.count == 2 ? 1 : 0;
    }
  }

  std::span<const std::int32_t> text_;
  ContextTree& tree_;
  std::vector<std::uint32_t> places_;  // sorted
  std::vector<std::uint32_t> moved_;   // room for sorting
  Tally tally_;
};

/// Calls read(place, number of older tokens that are read before it) for everything the tree reads in its text.
template <class Read>
void for_each_reading(ContextTree& tree, const Read& read) {
  tree.nodes.front().place = 0;
  for (const Node& node : tree.nodes) {
    const std::uint32_t length = node.length + 1;  // up to here the child's token says what to expect
    for (Child& child : std::span(tree.children).subspan(node.first_child, node.children)) {
      if (child.node == 0) {
        read(child.place, tree.longest > length ? tree.longest : 0);
      } else if (Node& below = tree.nodes[child.node]; below.length > length) {
        read(below.place, below.length);
      } else {
        below.place = 0;
      }
    }
  }
}

/// Keeps of the text what the tree reads, so that short contexts of a long text need little memory.
void keep_text_of_tree(std::span<const std::int32_t> text, ContextTree& tree) {
  std::vector<std::int32_t> begun(text.size() + 1);  // stretches that begin at a place, less those that ended before it
  const auto keep = [&](std::uint32_t first, std::uint32_t last) {
    ++begun[first];
    --begun[last + 1];
  };
  keep(0, 0);
  for_each_reading(tree,
                   [&](std::uint32_t& place, std::uint32_t older) { keep(place - std::min(place, older), place); });
  std::vector<std::uint32_t> moved(text.size());
  std::int32_t open = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    open += begun[i];
    moved[i] = static_cast<std::uint32_t>(tree.text.size());
    if (open > 0) tree.text.push_back(text[i]);
  }
  for_each_reading(tree, [&](std::uint32_t& place, std::uint32_t) { place = moved[place]; });
}

}  // namespace

ContextTree grow_context_tree(std::span<const std::int32_t> text, std::uint32_t longest, std::int32_t boundary,
                              bool distinct) {
  ContextTree tree;
  tree.longest = longest;
  tree.boundary = boundary;
  tree.distinct = distinct;
  Grower(text, tree).grow();
  keep_text_of_tree(text, tree);
  return tree;
}

}  // namespace unfold
