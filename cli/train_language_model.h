// unfold train lm: learns a language model from a text.
#pragma once

#include "command.h"

namespace unfold::cli {

void prepare_train_language_model(Command& command);

}  // namespace unfold::cli
