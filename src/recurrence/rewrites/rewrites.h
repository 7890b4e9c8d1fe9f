// Changes of the step's graph before it is differentiated. Each rewrite is one file beside this one.
#pragma once

#include <span>
#include <string>

#include "recurrence/graph/graph.h"
#include "unfold/recurrence.h"

namespace unfold::recurrence {

/// Applies the rewrites in the order of Rewrite::Kind, whatever their order in `rewrites`:
/// 1. teacher forcing decides which reads of states are left;
/// 2. recurrent dropout masks those that reach a product;
/// 3. zoneout mixes next values with previous ones, which it reads unmasked;
/// 4. weight drop masks the matrices that multiply a previous state;
/// 5. the message clip is last, so that whatever reads a state is part of the sum that is clipped.
/// In Mode::kEvaluation states feed themselves, zoneout takes the mean and the others change nothing; but what does not
/// fit the cell is still refused. Throws InputError: unknown state, a rate outside [0, 1), a bound that is not
/// positive, a cell without what the rewrite acts on, a rewrite asked for twice.
Graph apply_rewrites(Graph graph, std::span<const Rewrite> rewrites, Mode mode);

/// The previous value of `state` is read from an extra input (forces_state names the state); the state's next value is
/// still computed. The input is meant to be used without gradient.
Graph force_teacher(const Graph& graph, const Rewrite& rewrite);

/// Masks the reads of a previous state that flow into a matrix product of the same step: one mask per state, one per
/// sequence (variational; Gal and Ghahramani 2016) or a fresh one every tick (naive). What carries the state to its
/// next value without a product stays unmasked, and a product that reads a next value does not mask what that value
/// carried.
Graph drop_recurrent(const Graph& graph, const Rewrite& rewrite, Mode mode);

/// Every next value h' becomes z h + (1 - z) h', with z = 1 at `rate` of the units, drawn afresh every tick; in
/// evaluation z is its mean. Later lines that read h' read the result. Of the states named in `forced` nothing travels
/// from tick to tick, so they are left alone.
Graph zone_out(const Graph& graph, const Rewrite& rewrite, std::span<const std::string> forced, Mode mode);

/// Reads each matrix that multiplies a previous state, without another product on the way, through a mask of its
/// elements. Columns that multiply something else (W [h, x]) are left alone.
Graph drop_weights(const Graph& graph, const Rewrite& rewrite, Mode mode);

/// The gradient that all reads of a previous state send back together is clipped elementwise to [-bound, bound].
Graph clip_messages(const Graph& graph, const Rewrite& rewrite, Mode mode);

/// Every mean over the rows of a tick becomes the one that training stored for that tick.
Graph read_stored_statistics(Graph graph);

/// Throws InputError, naming the rewrite, unless 0 <= rate < 1.
void check_rate(const char* rewrite, double rate);

}  // namespace unfold::recurrence
