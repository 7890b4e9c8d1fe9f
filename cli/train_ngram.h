// unfold train ngram: counts a language model from a text.
#pragma once

#include "command.h"

namespace unfold::cli {

void prepare_train_ngram(Command& command);

}  // namespace unfold::cli
