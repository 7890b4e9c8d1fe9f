// Embedding: rows of a table.
#include <utility>

#include "tape/operations/tiles.h"
#include "tape/operations/tokens.h"
#include "tensor/kernels/rows.h"
#include "unfold/tape.h"

namespace unfold {

Variable embedding(Tape& tape, Parameter& table, std::span<const std::int32_t> tokens) {
  const Tensor& value = std::as_const(table).value();
  const Index symbols = value.shape()[0];
  const Index width = value.shape()[1];
  expect_tokens("embedding", tokens, symbols);
  Tensor y = tape.take({static_cast<Index>(tokens.size()), width});
  for_tiles(y.shape()[0], kRowsPerTile, [&](Index begin, Index end) {
    const auto tile = tokens.subspan(static_cast<std::size_t>(begin), static_cast<std::size_t>(end - begin));
    kernels::gather_rows(value.data(), width, tile, width, y.data() + begin * width, width, false);
  });
  std::vector<std::int32_t> kept(tokens.begin(), tokens.end());
  return tape.record(
      std::move(y), {tape.parameter(table)}, [&table, symbols, width, kept = std::move(kept)](Tape&, const Tensor& dy) {
        // y_n = E[token_n]:  dE[v] = sum of dy_n over the n whose token is v
        kernels::scatter_add_rows(dy.data(), width, kept, width, table.gradient().data(), width, symbols);
      });
}

}  // namespace unfold
