// unfold bench step: one step of one layer on one row of numbers, at the sizes of small filters.
#pragma once

#include "command.h"

namespace unfold::cli {

void prepare_bench_step(Command& command);

}  // namespace unfold::cli
