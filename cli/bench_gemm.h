// unfold bench gemm: the machine's limits.
#pragma once

#include "command.h"

namespace unfold::cli {

void prepare_bench_gemm(Command& command);

}  // namespace unfold::cli
