#include "layers/dropout.h"

#include "base/random.h"

namespace unfold {

namespace {

/// Calls visit(row, key of its sequence, tick) for every row.
template <class Visit>
void for_rows(const Unrolling& unrolling, const MaskKeys& keys, DropoutSite site, const Visit& visit) {
  const std::uint64_t key =
      combine(combine(combine(keys.seed, keys.training_step), ~static_cast<std::uint64_t>(site)), keys.layer);
  for (Index tick = 0; tick < unrolling.steps(); ++tick) {
    for (Index position = 0; position < unrolling.rows_at(tick); ++position) {
      const auto sequence = static_cast<std::size_t>(unrolling.order()[static_cast<std::size_t>(position)]);
      const std::uint64_t number = keys.sequences.empty() ? sequence : keys.sequences[sequence];
      visit(static_cast<std::size_t>(unrolling.start(tick) + position), combine(key, number), tick);
    }
  }
}

}  // namespace

Variable drop(Tape& tape, Variable x, const Dropout& dropout, const Unrolling& unrolling, const MaskKeys& keys,
              DropoutSite site) {
  if (dropout.rate == 0) return x;
  const bool every_step = dropout.mask == Dropout::Mask::kEveryStep;
  std::vector<std::uint64_t> rows(static_cast<std::size_t>(unrolling.rows()));
  for_rows(unrolling, keys, site, [&](std::size_t row, std::uint64_t key, Index tick) {
    // A mask that lasts a sequence must not depend on the tick; 0 stands for "all ticks".
    rows[row] = combine(key, every_step ? keys.first_tick + static_cast<std::uint64_t>(tick) + 1 : 0);
  });
  return unfold::dropout(tape, x, dropout.rate, rows);
}

Variable drop_words(Tape& tape, Variable x, double rate, std::span<const std::int32_t> tokens,
                    const Unrolling& unrolling, const MaskKeys& keys) {
  if (rate == 0) return x;
  const auto kept = static_cast<float>(1 / (1 - rate));
  std::vector<float> factors(tokens.size());
  for_rows(unrolling, keys, DropoutSite::kWords, [&](std::size_t row, std::uint64_t key, Index) {
    const auto bits = philox(key, 0, static_cast<std::uint64_t>(tokens[row]));
    factors[row] = static_cast<double>(bits[0]) < rate * 4294967296.0 ? 0.0F : kept;
  });
  return scale_rows(tape, x, factors);
}

}  // namespace unfold
