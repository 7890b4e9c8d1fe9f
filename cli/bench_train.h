// unfold bench train, cells: a whole training step beside the best matrix product, of one model and of every cell.
#pragma once

#include "command.h"

namespace unfold::cli {

void prepare_bench_train(Command& command);
void prepare_bench_cells(Command& command);

}  // namespace unfold::cli
