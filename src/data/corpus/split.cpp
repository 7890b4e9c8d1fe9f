// Holding out the end of a text.
#include <fmt/format.h>

#include <cmath>

#include "unfold/corpus.h"
#include "unfold/error.h"

namespace unfold {

Split split_tail(std::span<const std::int32_t> tokens, double fraction) {
  if (!(fraction > 0 && fraction < 1)) {
    throw UsageError(fmt::format("the part to hold out must be between 0 and 1, found {}", fraction));
  }
  const auto size = static_cast<double>(tokens.size());
  const auto train = static_cast<std::size_t>(std::floor(size * (1 - fraction)));
  if (train < 2 || tokens.size() - train < 2) {
    throw InputError(fmt::format(
        "the text is too short to hold out {} % of it: expected two tokens or more on each side, found {} and {}; "
        "use a longer text or a separate one for validation",
        100 * fraction, train, tokens.size() - train));
  }
  return {tokens.subspan(0, train), tokens.subspan(train)};
}

}  // namespace unfold
