// A model file's self-test: what the model answered to a few tokens when it was saved, to be answered again when
// loaded.
#pragma once

#include <string>

#include "unfold/language_model.h"

namespace unfold {

/// The test of this model as JSON text. Throws InputError where the answer is not finite.
std::string make_self_test(LanguageModel& model);

/// Runs a stored test. Throws InputError, naming `file`, where the answer differs.
void run_self_test(LanguageModel& model, const std::string& test, const std::string& file);

}  // namespace unfold
