// The texts of a vocabulary's tokens as a tree, so that an automaton reads common beginnings once.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "generate/regex/automaton.h"

namespace unfold {

class TokenTrie {
 public:
  TokenTrie() : nodes_(1) {}

  /// A token without text cannot be reached.
  void add(std::string_view text, std::int32_t token);

  /// Calls use(token, state) for every token that leads from `state` to a live one.
  template <class Use>
  void walk(regex::Automaton& automaton, regex::Automaton::State state, const Use& use) const {
    walk(automaton, state, 0, use);
  }

 private:
  struct Child {
    unsigned char byte;
    std::uint32_t node;
  };
  struct Node {
    std::vector<Child> children = {};
    std::vector<std::int32_t> tokens = {};  // that end here
  };

  template <class Use>
  void walk(regex::Automaton& automaton, regex::Automaton::State state, std::uint32_t node, const Use& use) const {
    for (const Child& child : nodes_[node].children) {
      const regex::Automaton::State next = automaton.next(state, child.byte);
      if (next == regex::Automaton::kDead) continue;
      for (const std::int32_t token : nodes_[child.node].tokens) use(token, next);
      walk(automaton, next, child.node, use);
    }
  }

  std::vector<Node> nodes_;
};

}  // namespace unfold
