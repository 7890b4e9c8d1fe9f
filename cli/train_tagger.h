// unfold train tag: a network that labels the steps of sequences.
#pragma once

#include "command.h"

namespace unfold::cli {

void prepare_train_tagger(Command& command);

}  // namespace unfold::cli
