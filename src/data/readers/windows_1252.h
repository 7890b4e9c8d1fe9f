// Texts of the time before UTF-8.
#pragma once

#include <string>
#include <string_view>

namespace unfold {

/// The text that bytes of the encoding Windows-1252 stand for, as UTF-8. It is ISO 8859-1 with printed characters in
/// the place of its second control characters; its five unused bytes are those control characters here, too, as in the
/// WHATWG Encoding Standard.
std::string from_windows_1252(std::string_view bytes);

}  // namespace unfold
