// How parameters start where the user, not the cell's file, decides.
#pragma once

#include <string>

#include "recurrence/graph/graph.h"
#include "unfold/recurrence.h"

namespace unfold::recurrence {

/// "orthogonal", "uniform:0.1", ...; see Initialisation. Throws UsageError, with what is known, for any other text.
Initial parse_initial(const std::string& text);

/// Replaces the starts of the trained matrices of `graph`. Throws UsageError for an unknown start, InputError where the
/// forget bias is asked for and the cell has no parameter of its name.
void override_initials(const Initialisation& initialisation, Graph& graph);

}  // namespace unfold::recurrence
