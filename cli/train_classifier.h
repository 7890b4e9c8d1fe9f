// unfold train classify: learns to give sequences a label.
#pragma once

#include "command.h"

namespace unfold::cli {

void prepare_train_classifier(Command& command);

}  // namespace unfold::cli
