// The public face of the n-gram model.
#include <fmt/format.h>

#include <cmath>
#include <limits>

#include "baselines/ngram_counts.h"
#include "unfold/baselines.h"
#include "unfold/error.h"

namespace unfold {
namespace {

constexpr int kHighestOrder = 255;

void require_tokens(std::span<const std::int32_t> tokens, Index vocabulary_size) {
  for (const std::int32_t token : tokens) {
    if (token < 0 || token >= vocabulary_size) {
      throw ContractError(fmt::format("NGram: expected 0 <= token < {}, found {}", vocabulary_size, token));
    }
  }
}

}  // namespace

struct NGram::Counts : NGramCounts {};

NGram::NGram(std::unique_ptr<const Counts> counts) : counts_(std::move(counts)) {}
NGram::NGram(NGram&&) noexcept = default;
NGram& NGram::operator=(NGram&&) noexcept = default;
NGram::~NGram() = default;

NGram NGram::train(std::span<const std::int32_t> tokens, Index vocabulary_size, int order) {
  if (order < 1 || order > kHighestOrder || vocabulary_size < 1) {
    throw ContractError(fmt::format("NGram: expected 1 <= order <= {} and a vocabulary, found order {} and size {}",
                                    kHighestOrder, order, vocabulary_size));
  }
  if (tokens.empty() || tokens.size() > std::numeric_limits<std::uint32_t>::max()) {
    throw InputError(fmt::format("an n-gram model needs 1 to 4294967295 tokens to count, found {}", tokens.size()));
  }
  require_tokens(tokens, vocabulary_size);
  auto counts = std::make_unique<Counts>();
  counts->vocabulary_size = vocabulary_size;
  counts->order = order;
  ContextChain chain = counts->beginning();
  for (const std::int32_t token : tokens) counts->add(chain, token);
  return NGram(std::move(counts));
}

int NGram::order() const { return counts_->order; }

Index NGram::vocabulary_size() const { return counts_->vocabulary_size; }

double NGram::probability(std::span<const std::int32_t> context, std::int32_t token) const {
  require_tokens(context, vocabulary_size());
  require_tokens({&token, 1}, vocabulary_size());
  const std::size_t used = std::min(context.size(), static_cast<std::size_t>(order() - 1));
  ContextChain chain = counts_->beginning();
  for (const std::int32_t before : context.last(used)) counts_->advance(chain, before);
  return counts_->probability(chain, token);
}

double NGram::nats(std::span<const std::int32_t> tokens) const {
  if (tokens.empty()) throw InputError("an n-gram model cannot measure a text of no tokens");
  require_tokens(tokens, vocabulary_size());
  double sum = 0;
  ContextChain chain = counts_->beginning();
  for (const std::int32_t token : tokens) {
    sum -= std::log(counts_->probability(chain, token));
    counts_->advance(chain, token);
  }
  return sum / static_cast<double>(tokens.size());
}

}  // namespace unfold
