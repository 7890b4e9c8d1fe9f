#include "models/network_options.h"

#include <fmt/core.h>

#include "unfold/error.h"

namespace unfold {

void expect_sound(const DropoutOptions& dropout, double label_smoothing, std::size_t layers, bool skip) {
  for (const double rate :
       {dropout.words, dropout.input.rate, dropout.between.rate, dropout.output.rate, label_smoothing}) {
    if (!(rate >= 0 && rate < 1)) {
      throw UsageError(fmt::format("rates of dropout and label smoothing are at least 0 and below 1, found {}", rate));
    }
  }
  if (layers == 1 && (skip || dropout.between.rate > 0)) {
    throw UsageError(
        fmt::format("{} layers, and there is only one", skip ? "skip connections pass by" : "dropout stands between"));
  }
}

}  // namespace unfold
