// Size inference: from the known sizes and the declarations to the size of everything in a cell.
#pragma once

#include <optional>
#include <vector>

#include "recurrence/graph/graph.h"
#include "recurrence/parse/definition.h"

namespace unfold::recurrence {

/// The sizes of a cell's parts, numbered as in Syntax.
struct SizeTable {
  std::vector<Shape> declarations;  // inputs, states, givens
  std::vector<Shape> parameters;
  std::vector<Index> assignments;  // 1 for a scalar
  std::vector<Index> begins;       // per expression: of a slice
  std::vector<Index> ends;
};

/// Infers all sizes by unification. Throws InputError: sizes that disagree, two shapes for one parameter, a size left
/// open, a slice outside its vector, `target` where there is none, and matrices per example, which are not executable
/// yet.
SizeTable infer_sizes(const Definition& definition, const KnownSizes& known);

/// The largest extent that is accepted.
inline constexpr Index kLargestExtent = Index{1} << 24;

}  // namespace unfold::recurrence
