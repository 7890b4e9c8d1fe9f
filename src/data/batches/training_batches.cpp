// Positions in what training reads.
#include <fmt/format.h>

#include "unfold/batches.h"
#include "unfold/error.h"

namespace unfold {

void TrainingBatches::seek(BatchPosition position) {
  if (position.epoch < 0 || position.window < 0 || position.window >= windows(position.epoch)) {
    throw ContractError(fmt::format("no window {} in epoch {}: an epoch has windows 0 to {}", position.window,
                                    position.epoch, windows(position.epoch) - 1));
  }
  position_ = position;
  moved();
}

double TrainingBatches::epochs(Index steps) const {
  Index epoch = 0;
  for (; steps >= windows(epoch); ++epoch) steps -= windows(epoch);
  return static_cast<double>(epoch) + static_cast<double>(steps) / static_cast<double>(windows(epoch));
}

void TrainingBatches::advance() {
  ++position_.window;
  if (position_.window == windows(position_.epoch)) position_ = {position_.epoch + 1, 0};
}

}  // namespace unfold
