// unfold bench tag, classify: words per second of networks that label sentences, whose lengths vary.
#pragma once

#include "command.h"

namespace unfold::cli {

void prepare_bench_tag(Command& command);
void prepare_bench_classify(Command& command);

}  // namespace unfold::cli
