// The loss of classification: softmax and cross-entropy in one.
#include <fmt/core.h>

#include <memory>
#include <numeric>

#include "tape/operations/cross_entropy_rows.h"
#include "tape/operations/tiles.h"
#include "tape/operations/tokens.h"
#include "tape/operations/weighted_cross_entropy.h"
#include "unfold/error.h"
#include "unfold/tape.h"

namespace unfold {

Variable softmax_cross_entropy(Tape& tape, Variable logits, std::span<const std::int32_t> targets, double smoothing,
                               double* nats) {
  return weighted_cross_entropy(tape, logits, targets, {}, smoothing, nats);
}

Variable weighted_cross_entropy(Tape& tape, Variable logits, std::span<const std::int32_t> targets,
                                std::span<const float> weights, double smoothing, double* nats) {
  const Shape shape = tape.shape(logits);
  const auto rows = static_cast<Index>(targets.size());
  if (shape.rank() != 2 || shape[0] != rows || rows == 0) {
    throw ContractError(fmt::format("softmax_cross_entropy expects logits [N, V] and N >= 1 targets, found {} and {}",
                                    shape.text(), rows));
  }
  if (!weights.empty() && weights.size() != targets.size()) {
    throw ContractError(fmt::format("a cross-entropy of {} rows with {} weights", rows, weights.size()));
  }
  const Index columns = shape[1];
  expect_tokens("softmax_cross_entropy", targets, columns);
  expect_smoothing(smoothing);

  const bool records = tape.needs_gradient(logits);
  Tensor consumed = records ? tape.consume(logits) : Tensor();
  const float* z = records ? consumed.data() : tape.value(logits).data();
  const CrossEntropyScale scale{.slope = 1.0F / static_cast<float>(rows), .smoothing = smoothing};
  std::vector<double> row_nats(targets.size());
  std::vector<double> losses(targets.size());
  for_tiles(rows, kRowsPerTile, [&](Index begin, Index end) {
    const auto tile = targets.subspan(static_cast<std::size_t>(begin), static_cast<std::size_t>(end - begin));
    cross_entropy_rows(z + begin * columns, tile, columns, scale, row_nats.data() + begin, losses.data() + begin,
                       records ? consumed.data() + begin * columns : nullptr);
  });
  const auto mean = [rows](const std::vector<double>& values) {
    return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(rows);
  };
  if (nats != nullptr) *nats = mean(row_nats);
  for (std::size_t n = 0; n < weights.size(); ++n) {
    losses[n] *= static_cast<double>(weights[n]);
    if (!records) continue;
    const std::span<float> row = consumed.values().subspan(n * static_cast<std::size_t>(columns));
    for (float& slope : row.first(static_cast<std::size_t>(columns))) slope *= weights[n];
  }
  Tensor loss = Tensor::uninitialised(Shape{});
  loss[0] = static_cast<float>(mean(losses));

  const auto slopes = std::make_shared<Tensor>(std::move(consumed));
  return tape.record(std::move(loss), {logits}, [=](Tape& back, const Tensor& dy) {
    // L = mean over n of w_n times the cross-entropy:  dz_n = dL w_n / N * (softmax(z_n) - label_n), with dL = 1
    if (dy[0] != 1.0F) {
      for (float& slope : slopes->values()) slope *= dy[0];
    }
    back.add_gradient(logits, std::move(*slopes));
  });
}

}  // namespace unfold
