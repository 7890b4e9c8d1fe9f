// Initial values of parameters outside cells.
#pragma once

#include <cstdint>
#include <string>

#include "unfold/parameter.h"

namespace unfold {

/// Glorot and Bengio 2010.
void start_glorot(Parameter& matrix, std::uint64_t key);
/// Normal with this deviation.
void start_normal(Parameter& parameter, double deviation, std::uint64_t key);
/// As `text` says; see Initialisation.
void start(Parameter& matrix, const std::string& text, std::uint64_t key);

}  // namespace unfold
