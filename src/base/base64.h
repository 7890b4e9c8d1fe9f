// Bytes as ASCII text: base64 with padding (RFC 4648).
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace unfold {

std::string to_base64(std::string_view bytes);
/// Nothing for a text that to_base64 did not write.
std::optional<std::string> from_base64(std::string_view text);

}  // namespace unfold
