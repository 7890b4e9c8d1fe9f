// unfold bench generate: writing one text, beside the speed at which the weights can be read.
#pragma once

#include "command.h"

namespace unfold::cli {

void prepare_bench_generate(Command& command);

}  // namespace unfold::cli
