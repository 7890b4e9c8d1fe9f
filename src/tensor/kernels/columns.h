// A range of a matrix's columns.
#pragma once

#include "unfold/tensor.h"

namespace unfold::kernels {

/// Columns [first, last).
struct Columns {
  Index first = 0, last = 0;
};

}  // namespace unfold::kernels
