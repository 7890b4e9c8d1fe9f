// Values of dropout masks: pure functions of (seed, training step, layer, site, sequence, tick, unit), so that neither
// batching, nor threads, nor the executor changes them.
#pragma once

#include <vector>

#include "recurrence/graph/graph.h"
#include "unfold/recurrence.h"

namespace unfold::recurrence {

/// Writes the mask of `site` (its number in Graph::masks) for one sequence at one tick: 1 / (1 - rate) or 0 per unit.
/// `sequence` counts within the batch, `tick` within the run.
template <class Real>
void draw_mask(const MaskDeclaration& mask, Index site, const MaskKeys& keys, Index sequence, Index tick, Real* values);

extern template void draw_mask(const MaskDeclaration&, Index, const MaskKeys&, Index, Index, float*);
extern template void draw_mask(const MaskDeclaration&, Index, const MaskKeys&, Index, Index, double*);

}  // namespace unfold::recurrence
