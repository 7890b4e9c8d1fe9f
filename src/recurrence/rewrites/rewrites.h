// Changes of the step's graph before it is differentiated. Each rewrite is one file beside this one.
#pragma once

#include <span>

#include "recurrence/graph/graph.h"
#include "unfold/recurrence.h"

namespace unfold::recurrence {

/// Applies teacher forcing first, then dropout, whatever their order in `rewrites`. In Mode::kEvaluation dropout
/// changes nothing, but is still refused where it does not fit the cell. Throws InputError: unknown state, a rate
/// outside [0, 1), a cell without a read to mask.
Graph apply_rewrites(Graph graph, std::span<const Rewrite> rewrites, Mode mode);

/// The previous value of `state` is read from an extra input (forces_state names the state); the state's next value is
/// still computed. The input is meant to be used without gradient.
Graph force_teacher(const Graph& graph, const Rewrite& rewrite);

/// Masks the reads of a previous state that flow into a matrix product of the same step: one mask per state, one per
/// sequence (variational; Gal and Ghahramani 2016) or a fresh one every tick (naive). What carries the state to its
/// next value without a product stays unmasked, and a product that reads a next value does not mask what that value
/// carried.
Graph drop_recurrent(const Graph& graph, const Rewrite& rewrite, Mode mode);

}  // namespace unfold::recurrence
