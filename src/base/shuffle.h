// Random order.
#pragma once

#include <span>
#include <utility>

#include "base/random.h"

namespace unfold {

/// Every order equally likely (Fisher & Yates 1938, from the end).
template <class Value>
void shuffle(std::span<Value> values, Random& random) {
  for (std::size_t left = values.size(); left > 1; --left) {
    std::swap(values[left - 1], values[static_cast<std::size_t>(random.below(left))]);
  }
}

}  // namespace unfold
