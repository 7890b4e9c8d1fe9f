// Whether a tree that was read from a file can be walked without leaving its tables.
#include <algorithm>

#include "baselines/context_tree.h"

namespace unfold {
namespace {

class Soundness {
 public:
  Soundness(const ContextTree& tree, std::int64_t vocabulary_size) : tree_(tree), vocabulary_size_(vocabulary_size) {}

  bool holds() const {
    if (tree_.nodes.empty() || tree_.nodes.front().length != 0 || !text_is_sound()) return false;
    const bool counts_are_sound = std::all_of(tree_.counts.begin(), tree_.counts.end(), [&](const TokenCount& entry) {
      return is_token(entry.token) && entry.count > 0;
    });
    if (!counts_are_sound) return false;
    for (std::size_t number = 0; number < tree_.nodes.size(); ++number) {
      if (!node_is_sound(number)) return false;
    }
    return true;
  }

 private:
  using Node = ContextTree::Node;
  using Child = ContextTree::Child;

  bool is_token(std::int64_t token) const { return token >= 0 && token < vocabulary_size_; }

  bool text_is_sound() const {
    const std::vector<std::int32_t>& text = tree_.text;
    if (text.empty() || (text.front() != kBeginning && text.front() != tree_.boundary)) return false;
    return std::all_of(text.begin() + 1, text.end(), [&](std::int32_t token) { return is_token(token); });
  }

  bool node_is_sound(std::size_t number) const {
    const Node& node = tree_.nodes[number];
    if (node.types == 0 || node.total == 0 || node.length > tree_.longest) return false;
    if (std::uint64_t{node.first_count} + node.types > tree_.counts.size()) return false;
    if (std::uint64_t{node.first_child} + node.children > tree_.children.size()) return false;
    const auto children = std::span(tree_.children).subspan(node.first_child, node.children);
    return std::all_of(children.begin(), children.end(), [&](const Child& child) {
      return node.length < tree_.longest && is_token(child.token) &&
             (child.node == 0 ? place_is_sound(child, node) : edge_is_sound(child, number));
    });
  }

  /// A way down ends at the text's first element, so it is enough that it begins within the text.
  bool reads_token(const Child& child, std::uint32_t place, const Node& above) const {
    return place < tree_.text.size() && place > above.length && tree_.text[place - above.length - 1] == child.token;
  }

  bool place_is_sound(const Child& child, const Node& above) const {
    if (above.length + 1 == tree_.longest) return child.place > 0 && child.place < tree_.text.size();
    return reads_token(child, child.place, above);
  }

  bool edge_is_sound(const Child& child, std::size_t above) const {
    if (child.node <= above || child.node >= tree_.nodes.size()) return false;
    const Node& node = tree_.nodes[child.node];
    const std::uint32_t length = tree_.nodes[above].length;
    return node.length == length + 1 ||
           (node.length > length && reads_token(child, node.place, tree_.nodes[above]) && node.place >= node.length);
  }

  const ContextTree& tree_;
  std::int64_t vocabulary_size_;
};

}  // namespace

bool is_sound(const ContextTree& tree, std::int64_t vocabulary_size) {
  return Soundness(tree, vocabulary_size).holds();
}

}  // namespace unfold
