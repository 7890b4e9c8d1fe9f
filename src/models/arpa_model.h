// ARPA files with a vocabulary: the program's own carry it in a remark, others' are of words.
#pragma once

#include <string>
#include <string_view>

#include "unfold/model_file.h"

namespace unfold {

LoadedTextModel read_arpa_model(std::string_view content, const std::string& source);

}  // namespace unfold
