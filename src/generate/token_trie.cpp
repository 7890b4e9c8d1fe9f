#include "generate/token_trie.h"

#include <algorithm>

namespace unfold {

void TokenTrie::add(std::string_view text, std::int32_t token) {
  if (text.empty()) return;
  std::uint32_t node = 0;
  for (const char character : text) {
    const auto byte = static_cast<unsigned char>(character);
    const std::vector<Child>& children = nodes_[node].children;
    const auto child = std::find_if(children.begin(), children.end(), [&](const Child& c) { return c.byte == byte; });
    if (child != children.end()) {
      node = child->node;
      continue;
    }
    const auto added = static_cast<std::uint32_t>(nodes_.size());
    nodes_[node].children.push_back({byte, added});
    nodes_.emplace_back();
    node = added;
  }
  nodes_[node].tokens.push_back(token);
}

}  // namespace unfold
