// Where the members of a JSON object stand in its text, so that one can be replaced and the rest stays as it was.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace unfold {

/// The text of an object with the member `key` set to `value`, which is JSON text: replaced where it is, the last one
/// where it is twice, otherwise added behind the others. `object` must be one JSON object, white space around it.
std::string with_member(std::string_view object, std::string_view key, std::string_view value);

}  // namespace unfold
