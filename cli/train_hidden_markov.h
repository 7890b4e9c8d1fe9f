// unfold train hmm: counts a hidden Markov model from tagged words, or learns one from words alone.
#pragma once

#include "command.h"

namespace unfold::cli {

void prepare_train_hidden_markov(Command& command);

}  // namespace unfold::cli
