// Initial values of parameters.
#pragma once

#include <cstdint>

#include "recurrence/graph/graph.h"
#include "unfold/tensor.h"

namespace unfold::recurrence {

/// Fills `value`, which has the declaration's shape, as `declaration.initial` says. A pure function of its arguments:
/// `key` is combined by the caller from the seed and the order of declaration. Throws InputError where the kind does
/// not fit the shape (identity of a vector, spectral radius of a matrix that is not square).
void initialise(const ParameterDeclaration& declaration, std::uint64_t key, Tensor& value);

}  // namespace unfold::recurrence
