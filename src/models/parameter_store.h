// Parameters to and from tensor files, by name.
#pragma once

#include "models/safetensors.h"
#include "unfold/parameter.h"

namespace unfold {

/// Adds every parameter, the fixed ones included, in the format it is kept in: float32, bfloat16, or int8 with the
/// scales of its rows as NAME.scale.
void store_parameters(const ParameterList& parameters, TensorFile& file);

/// Takes every parameter out of the file, in whichever of these formats. Throws InputError, before any parameter has
/// changed, where one is missing or of another type or shape.
void take_parameters(TensorFile& file, const ParameterList& parameters);

}  // namespace unfold
