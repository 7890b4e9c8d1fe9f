// From tokens to the syntax tree.
#pragma once

#include <string_view>

#include "recurrence/parse/syntax.h"

namespace unfold::recurrence {

/// Parses a whole cell. References are not resolved yet. Throws InputError.
Syntax parse_cell(const SourceText& source);

/// Gives `options` the values of a text like "update = relu, slots = 4". Throws InputError: an option that the cell
/// does not have, a function where a number is expected, a value given twice.
void apply_options(std::string_view text, std::vector<Option>& options, const std::string& cell);

/// Why `name` cannot be declared or assigned: "the name of a function". "" if it can.
std::string reserved_as(std::string_view name);

/// Expressions deeper than this are refused, so that walking them by recursion is safe.
inline constexpr int kDeepestExpression = 200;

}  // namespace unfold::recurrence
