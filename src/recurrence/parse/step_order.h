// Within a step every name is assigned before it is used.
#pragma once

#include "recurrence/parse/syntax.h"

namespace unfold::recurrence {

/// Says why assignment `user` cannot use assignment `used`, which does not stand before it: a cycle, shown name by
/// name, or merely the order of the lines. `place` is that of the use.
[[noreturn]] void fail_on_order(const SourceText& source, const Syntax& syntax, std::int32_t user, std::int32_t used,
                                Place place);

}  // namespace unfold::recurrence
