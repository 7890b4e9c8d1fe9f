// unfold train naive-bayes: counts which words or characters the texts of each label have.
#pragma once

#include "command.h"

namespace unfold::cli {

void prepare_train_naive_bayes(Command& command);

}  // namespace unfold::cli
