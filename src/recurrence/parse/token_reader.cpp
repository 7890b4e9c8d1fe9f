#include "recurrence/parse/token_reader.h"

#include <fmt/format.h>

#include "recurrence/parse/diagnostics.h"

namespace unfold::recurrence {

const Token& TokenReader::expect(Token::Kind kind, const std::string& expected, const std::string& hint) {
  if (!at(kind)) fail_here(expected, hint);
  return take();
}

void TokenReader::fail_here(const std::string& expected, const std::string& hint) const {
  fail(source_, current().place,
       {.what = fmt::format("unexpected {}", describe(current())),
        .expected = expected,
        .found = describe(current()),
        .hint = hint});
}

}  // namespace unfold::recurrence
