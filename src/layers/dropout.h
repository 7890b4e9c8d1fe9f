// Dropout of sequences: whose mask a row wears. Keys are made of (seed, training step, site, sequence, tick), so that
// results depend neither on batching nor on threads.
#pragma once

#include <span>

#include "unfold/layers.h"

namespace unfold {

/// Where a mask is worn. Masks inside a recurrence are keyed by its layer's number instead.
enum class DropoutSite : std::uint64_t { kInput = 1, kBetweenLayers = 2, kOutput = 3, kWords = 4 };

/// Drops elements of x [N, F]; `keys.layer` tells sites of one kind apart.
Variable drop(Tape& tape, Variable x, const Dropout& dropout, const Unrolling& unrolling, const MaskKeys& keys,
              DropoutSite site);

/// Drops words: in each sequence, all rows of x [N, F] that stand for the same token are dropped or kept together (Gal
/// and Ghahramani 2016, section 4.2).
Variable drop_words(Tape& tape, Variable x, double rate, std::span<const std::int32_t> tokens,
                    const Unrolling& unrolling, const MaskKeys& keys);

}  // namespace unfold
