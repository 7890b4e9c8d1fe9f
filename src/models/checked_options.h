// Options of a language model that make no sense, refused.
#pragma once

#include "unfold/language_model.h"

namespace unfold {

/// The options themselves. Throws ContractError for sizes below 1, UsageError for rates and factors out of range and
/// for options that contradict each other or would do nothing.
LanguageModelOptions checked(LanguageModelOptions options, Index vocabulary);

}  // namespace unfold
