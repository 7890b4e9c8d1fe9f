// unfold train sequence: a network that predicts vectors step by step.
#pragma once

#include "command.h"

namespace unfold::cli {

void prepare_train_sequence(Command& command);

}  // namespace unfold::cli
