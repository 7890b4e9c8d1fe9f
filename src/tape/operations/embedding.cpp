// Tokens as rows of a table, or as vectors with one 1.
#include <utility>
#include <vector>

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
  Tensor y = Tensor::uninitialised({static_cast<Index>(tokens.size()), width});
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

Variable one_hot(Tape& tape, std::span<const std::int32_t> tokens, Index symbols) {
  expect_tokens("one_hot", tokens, symbols);
  Tensor y = Tensor::uninitialised({static_cast<Index>(tokens.size()), symbols});
  y.fill(0);
  for (std::size_t n = 0; n < tokens.size(); ++n) y[static_cast<Index>(n) * symbols + tokens[n]] = 1;
  return tape.constant(std::move(y));
}

}  // namespace unfold
