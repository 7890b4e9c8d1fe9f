// Rows side by side: what windows on a sequence are made of.
#pragma once

#include <span>

#include "unfold/tape.h"

namespace unfold {

/// Rows of x [N, F], in the order of `rows`, each 0 <= row < N, or -1 for a row of zeros; `size` of them at a time side
/// by side: [M, F] -> [M / size, size F]. A row may be chosen several times. Throws ContractError for a row that does
/// not exist, and unless M is a multiple of `size`.
Variable select_windows(Tape& tape, Variable x, std::span<const Index> rows, Index size);

}  // namespace unfold
