// The network that the settings of the task `lm` describe.
#pragma once

#include "tasks/language_model/settings.h"
#include "unfold/language_model.h"

namespace unfold {

/// Throws UsageError for settings that say nothing, InputError for a cell that cannot be read.
LanguageModelOptions model_options(const LanguageModelSettings& settings);

}  // namespace unfold
