// Values of random masks: pure functions of (seed, training step, layer, site, sequence, tick, unit), so that neither
// batching, nor threads, nor the executor changes them.
#pragma once

#include <cstdint>
#include <vector>

#include "recurrence/graph/graph.h"
#include "unfold/recurrence.h"

namespace unfold::recurrence {

/// What the masks of `site` (its number in Graph::masks) depend on for one sequence of the batch, beside the tick.
std::uint64_t mask_key(Index site, const MaskKeys& keys, Index sequence);

/// Writes the mask of one sequence at one tick, counted from keys.first_tick: `kept` or 0 per unit.
template <class Real>
void draw_mask(const MaskDeclaration& mask, std::uint64_t key, std::uint64_t first_tick, Index tick, Real* values);

/// Writes the mask of weight drop for the matrix `parameter` (its number in Graph::parameters) of `count` elements:
/// 1 / (1 - rate) or 0 each, the same for every sequence and tick of a training step.
template <class Real>
void draw_weight_mask(double rate, Index parameter, const MaskKeys& keys, Index count, Real* values);

/// What the masks of weight drop depend on beside the matrix.
std::uint64_t weight_mask_key(const MaskKeys& keys);

extern template void draw_weight_mask(double, Index, const MaskKeys&, Index, float*);
extern template void draw_weight_mask(double, Index, const MaskKeys&, Index, double*);
extern template void draw_mask(const MaskDeclaration&, std::uint64_t, std::uint64_t, Index, float*);
extern template void draw_mask(const MaskDeclaration&, std::uint64_t, std::uint64_t, Index, double*);

}  // namespace unfold::recurrence
