// Reading the tree of contexts: walking down one history, visiting all contexts of a length, counting counts.
#include "baselines/context_tree.h"

#include <algorithm>

namespace unfold {

std::uint32_t Continuations::count(std::int32_t token) const {
  const auto wanted = static_cast<std::uint32_t>(token);
  const auto found = std::lower_bound(counts.begin(), counts.end(), wanted,
                                      [](const TokenCount& entry, std::uint32_t t) { return entry.token < t; });
  return found != counts.end() && found->token == wanted ? count(*found) : 0;
}

Continuations ContextTree::continuations(const Node& node) const {
  return {std::span(counts).subspan(node.first_count, node.types), node.total, node.once, node.twice};
}

Continuations ContextTree::continuations_above(const Node& node) const {
  if (!distinct) return continuations(node);
  // One token stands before all occurrences of the context, so it is the only one before each continuation.
  return {std::span(counts).subspan(node.first_count, node.types), node.types, node.types, 0, /*all_once=*/true};
}

ContextWalk::ContextWalk(const ContextTree& tree, std::span<const std::int32_t> history)
    : tree_(&tree), history_(history), node_(&tree.nodes.front()) {
  read_continuations();
}

bool ContextWalk::lengthen() {
  if (length_ == tree_->longest || length_ == history_.size()) return false;
  if (length_ > 0 && history_[history_.size() - length_] == tree_->boundary) return false;
  const std::int32_t older = history_[history_.size() - length_ - 1];
  const bool at_node = node_ != nullptr && node_->length == length_;
  if (at_node ? !enter_child(older) : tree_->text[place_ - length_ - 1] != older) return false;
  ++length_;
  read_continuations();
  return true;
}

bool ContextWalk::enter_child(std::int32_t older) {
  const auto children = std::span(tree_->children).subspan(node_->first_child, node_->children);
  const auto child = std::lower_bound(children.begin(), children.end(), older,
                                      [](const ContextTree::Child& c, std::int32_t token) { return c.token < token; });
  if (child == children.end() || child->token != older) return false;
  node_ = child->node == 0 ? nullptr : &tree_->nodes[child->node];
  place_ = node_ == nullptr ? child->place : node_->place;
  return true;
}

void ContextWalk::read_continuations() {
  if (node_ == nullptr) {
    single_ = {static_cast<std::uint32_t>(tree_->text[place_]), 1};
    continuations_ = {{&single_, 1}, 1, 1, 0};
  } else {
    continuations_ = node_->length == length_ ? tree_->continuations(*node_) : tree_->continuations_above(*node_);
  }
}

namespace {

/// Visits the contexts of one length, growing them from their newest token.
class Visit {
 public:
  Visit(const ContextTree& tree, std::uint32_t length, const ContextVisitor& visitor)
      : tree_(tree), visitor_(visitor), context_(length) {}

  void below(const ContextTree::Node& node) {
    if (node.length == context_.size()) return visitor_(context_, tree_.continuations(node));
    for (const ContextTree::Child& child : std::span(tree_.children).subspan(node.first_child, node.children)) {
      put(node.length, child.token);
      if (child.node == 0) {
        down_to_place(child.place, node.length + 1);
      } else {
        down_to_node(tree_.nodes[child.node], node.length + 1);
      }
    }
  }

 private:
  void put(std::uint32_t length, std::int32_t older) { context_[context_.size() - length - 1] = older; }

  void down_to_node(const ContextTree::Node& node, std::uint32_t length) {
    for (; length < std::min<std::size_t>(node.length, context_.size()); ++length) {
      put(length, tree_.text[node.place - length - 1]);
    }
    if (node.length > context_.size()) return visitor_(context_, tree_.continuations_above(node));
    below(node);
  }

  void down_to_place(std::uint32_t place, std::uint32_t length) {
    for (; length < context_.size(); ++length) {
      if (context_[context_.size() - length] == tree_.boundary) return;
      const std::int32_t older = tree_.text[place - length - 1];
      if (older == kBeginning) return;
      put(length, older);
    }
    const TokenCount single{static_cast<std::uint32_t>(tree_.text[place]), 1};
    visitor_(context_, {{&single, 1}, 1, 1, 0});
  }

  const ContextTree& tree_;
  const ContextVisitor& visitor_;
  std::vector<std::int32_t> context_;
};

}  // namespace

void visit_contexts(const ContextTree& tree, std::uint32_t length, const ContextVisitor& visit) {
  Visit(tree, length, visit).below(tree.nodes.front());
}

namespace {

void add(CountsOfCounts& sums, const Continuations& continuations) {
  for (const TokenCount& entry : continuations.counts) {
    ++sums[std::min<std::size_t>(continuations.count(entry), sums.size()) - 1];
  }
}

}  // namespace

std::vector<CountsOfCounts> counts_of_counts(const ContextTree& tree) {
  std::vector<CountsOfCounts> sums(tree.longest + 1);
  for (const ContextTree::Node& node : tree.nodes) {
    add(sums[node.length], tree.continuations(node));
    for (const ContextTree::Child& child : std::span(tree.children).subspan(node.first_child, node.children)) {
      std::uint32_t length = node.length + 1;
      if (child.node != 0) {
        const ContextTree::Node& below = tree.nodes[child.node];
        for (; length < below.length; ++length) add(sums[length], tree.continuations_above(below));
        continue;
      }
      ++sums[length][0];
      std::int32_t oldest = child.token;
      for (; length < tree.longest && oldest != tree.boundary; ++length) {
        oldest = tree.text[child.place - length - 1];
        if (oldest == kBeginning) break;
        ++sums[length + 1][0];
      }
    }
  }
  return sums;
}

}  // namespace unfold
