// The loss of classification: softmax and cross-entropy in one.
#include "tensor/kernels/softmax_cross_entropy.h"

#include <fmt/core.h>

#include <memory>
#include <numeric>

#include "tape/operations/tiles.h"
#include "tape/operations/tokens.h"
#include "unfold/error.h"
#include "unfold/tape.h"

namespace unfold {

Variable softmax_cross_entropy(Tape& tape, Variable logits, std::span<const std::int32_t> targets) {
  const Shape shape = tape.shape(logits);
  const auto rows = static_cast<Index>(targets.size());
  if (shape.rank() != 2 || shape[0] != rows || rows == 0) {
    throw ContractError(fmt::format("softmax_cross_entropy expects logits [N, V] and N >= 1 targets, found {} and {}",
                                    shape.text(), rows));
  }
  const Index columns = shape[1];
  expect_tokens("softmax_cross_entropy", targets, columns);

  const bool records = tape.needs_gradient(logits);
  Tensor consumed = records ? tape.consume(logits) : Tensor();
  const float* z = records ? consumed.data() : tape.value(logits).data();
  const float scale = 1.0F / static_cast<float>(rows);
  std::vector<double> nats(static_cast<std::size_t>((rows + kRowsPerTile - 1) / kRowsPerTile));
  for_tiles(rows, kRowsPerTile, [&](Index begin, Index end) {
    const auto tile = targets.subspan(static_cast<std::size_t>(begin), static_cast<std::size_t>(end - begin));
    float* slopes = records ? consumed.data() + begin * columns : nullptr;
    nats[static_cast<std::size_t>(begin / kRowsPerTile)] =
        kernels::softmax_cross_entropy(z + begin * columns, columns, tile, columns, scale, nullptr, slopes, columns);
  });
  Tensor loss = tape.take(Shape{});
  loss[0] = static_cast<float>(std::accumulate(nats.begin(), nats.end(), 0.0) / static_cast<double>(rows));

  const auto slopes = std::make_shared<Tensor>(std::move(consumed));
  return tape.record(std::move(loss), {logits}, [=](Tape& back, const Tensor& dy) {
    // L = mean over n of -log softmax(z_n)[t_n]:  dz_n = dL / N * (softmax(z_n) - one_hot(t_n)), computed with dL = 1
    if (dy[0] != 1.0F) {
      for (float& slope : slopes->values()) slope *= dy[0];
    }
    back.add_gradient(logits, std::move(*slopes));
  });
}

}  // namespace unfold
