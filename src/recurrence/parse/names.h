// What every name of a cell stands for.
#pragma once

#include "recurrence/parse/syntax.h"

namespace unfold::recurrence {

/// Fills in every `reference`, adds the parameters that are not declared, gives calls through options their function,
/// and turns `a · b` without a matrix beside it into `a * b`. The options have their final values. Throws InputError:
/// unknown, unused or doubly used names, use before definition or in a cycle, a state without a next value, a
/// function with a wrong number of arguments, an undeclared parameter used both as matrix and as vector.
void resolve_names(const SourceText& source, Syntax& syntax);

}  // namespace unfold::recurrence
