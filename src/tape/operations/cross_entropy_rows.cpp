#include "tape/operations/cross_entropy_rows.h"

#include <fmt/core.h>

#include "tensor/kernels/map.h"
#include "tensor/kernels/softmax_cross_entropy.h"
#include "unfold/error.h"

namespace unfold {

void expect_smoothing(double smoothing) {
  if (smoothing >= 0 && smoothing < 1) return;
  throw ContractError(fmt::format("label smoothing is a share in [0, 1), not {}", smoothing));
}

void cross_entropy_rows(const float* z, std::span<const std::int32_t> targets, Index columns,
                        const CrossEntropyScale& scale, double* nats, double* losses, float* slopes) {
  const double smoothing = scale.smoothing;
  const double share = smoothing / static_cast<double>(columns);  // of the label, for every symbol
  // uniform - nats = z[target] - mean of z, taken before the slopes may overwrite the logits.
  for (std::size_t r = 0; smoothing > 0 && r < targets.size(); ++r) {
    const float* row = z + static_cast<Index>(r) * columns;
    const double mean = static_cast<double>(kernels::row_sum(row, columns)) / static_cast<double>(columns);
    losses[r] = smoothing * (static_cast<double>(row[targets[r]]) - mean);
  }
  kernels::softmax_cross_entropy(z, columns, targets, columns, scale.slope, nats, slopes, columns);
  for (std::size_t r = 0; r < targets.size(); ++r) {
    losses[r] = smoothing > 0 ? nats[r] + losses[r] : nats[r];
    if (smoothing == 0 || slopes == nullptr) continue;
    // dL/dz_v = p_v - (1 - E) [v = target] - E / V; the kernel has written p_v - [v = target].
    float* slope = slopes + static_cast<Index>(r) * columns;
    const auto everywhere = static_cast<float>(static_cast<double>(scale.slope) * share);
    for (Index v = 0; v < columns; ++v) slope[v] -= everywhere;
    slope[targets[r]] += static_cast<float>(static_cast<double>(scale.slope) * smoothing);
  }
}

}  // namespace unfold
