// What the user left open, chosen; and settings that make no sense, refused.
#pragma once

#include "tasks/language_model/data.h"
#include "tasks/language_model/settings.h"

namespace unfold {

/// Throws UsageError for a value out of range.
void check(const LanguageModelSettings& settings);
/// Chooses what was left to the task, except for the length.
void complete(TextSettings& text);
void complete(LanguageModelSettings& settings);
/// Turns epochs or minutes into steps; minutes by measuring a trial.
void complete_length(LanguageModelSettings& settings, const LanguageModelData& data);

}  // namespace unfold
