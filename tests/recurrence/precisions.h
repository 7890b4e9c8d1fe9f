// What tests of every precision go through.
#pragma once

#include <vector>

#include "unfold/precision.h"

namespace unfold {

/// Those in which this machine multiplies: bfloat16 wants instructions of its own.
inline std::vector<Precision> precisions() {
  if (!multiplies_bfloat16()) return {Precision::kFloat32};
  return {Precision::kFloat32, Precision::kBfloat16};
}

}  // namespace unfold
