// Parameters to and from tensor files, by name.
#pragma once

#include "models/safetensors.h"
#include "unfold/parameter.h"

namespace unfold {

/// Adds every parameter, the fixed ones included.
void store_parameters(const ParameterList& parameters, TensorFile& file);

/// Takes every parameter out of the file. Throws InputError, before any parameter has changed, where one is missing or
/// of another type or shape.
void take_parameters(TensorFile& file, const ParameterList& parameters);

}  // namespace unfold
