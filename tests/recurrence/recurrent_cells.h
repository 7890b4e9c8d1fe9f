// The shipped cells that carry a state from step to step: all but the perceptron.
#pragma once

#include "recurrence/cell_text.h"

namespace unfold::recurrence {

inline std::vector<std::string> recurrent_cells() {
  std::vector<std::string> names = shipped_cells();
  std::erase_if(names, [](const std::string& name) { return shipped_graph(name).states.empty(); });
  return names;
}

}  // namespace unfold::recurrence
