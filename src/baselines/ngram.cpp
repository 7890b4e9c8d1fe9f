// The public face of n-gram models.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "baselines/ngram_model.h"
#include "unfold/baselines.h"
#include "unfold/error.h"

namespace unfold {
namespace {

void require_tokens(std::span<const std::int32_t> tokens, Index vocabulary_size) {
  for (const std::int32_t token : tokens) {
    if (token < 0 || token >= vocabulary_size) {
      throw ContractError(fmt::format("NGram: expected 0 <= token < {}, found {}", vocabulary_size, token));
    }
  }
}

/// What stands before the first token, and the tokens.
std::vector<std::int32_t> with_beginning(std::span<const std::int32_t> tokens, std::int32_t beginning) {
  std::vector<std::int32_t> text = {beginning};
  text.insert(text.end(), tokens.begin(), tokens.end());
  return text;
}

}  // namespace

NGram::NGram(std::unique_ptr<const Model> model) : model_(std::move(model)) {}
NGram::NGram(NGram&&) noexcept = default;
NGram& NGram::operator=(NGram&&) noexcept = default;
NGram::~NGram() = default;

NGram NGram::train(std::span<const std::int32_t> tokens, Index vocabulary_size, const NGramOptions& options) {
  if (options.order < 1 || options.order > kHighestOrder || vocabulary_size < 1) {
    throw ContractError(fmt::format("NGram: expected 1 <= order <= {} and a vocabulary, found order {} and size {}",
                                    kHighestOrder, options.order, vocabulary_size));
  }
  if (tokens.empty() || tokens.size() >= std::numeric_limits<std::uint32_t>::max()) {
    throw InputError(fmt::format("an n-gram model needs 1 to 4294967294 tokens to count, found {}", tokens.size()));
  }
  require_tokens(tokens, vocabulary_size);
  if (options.boundary) require_tokens({&*options.boundary, 1}, vocabulary_size);
  ContextTree tree = grow_context_tree(
      with_beginning(tokens, options.boundary.value_or(kBeginning)), static_cast<std::uint32_t>(options.order - 1),
      options.boundary.value_or(kNoBoundary), options.smoothing == Smoothing::kKneserNey);
  Smoother smoother(options.smoothing, tree);
  return NGram(std::make_unique<CountedNGram>(std::move(tree), std::move(smoother), vocabulary_size));
}

int NGram::order() const { return model_->order; }
Index NGram::vocabulary_size() const { return model_->vocabulary_size; }
std::optional<std::int32_t> NGram::boundary() const { return model_->boundary; }
std::vector<std::uint64_t> NGram::counts() const { return model_->counts(); }

double NGram::probability(std::span<const std::int32_t> context, std::int32_t token) const {
  context = context.last(std::min(context.size(), static_cast<std::size_t>(order() - 1)));
  require_tokens(context, vocabulary_size());
  require_tokens({&token, 1}, vocabulary_size());
  return model_->probability(context, token);
}

void NGram::probabilities(std::span<const std::int32_t> context, std::span<double> probabilities) const {
  context = context.last(std::min(context.size(), static_cast<std::size_t>(order() - 1)));
  require_tokens(context, vocabulary_size());
  if (static_cast<Index>(probabilities.size()) != vocabulary_size()) {
    throw ContractError(fmt::format("NGram: expected room for V = {} probabilities, found {}", vocabulary_size(),
                                    probabilities.size()));
  }
  model_->probabilities(context, probabilities);
}

std::vector<double> NGram::probabilities(std::span<const std::int32_t> tokens) const {
  require_tokens(tokens, vocabulary_size());
  const std::vector<std::int32_t> text = with_beginning(tokens, model_->boundary.value_or(kBeginning));
  const std::size_t first = model_->boundary ? 0 : 1;
  std::vector<double> result;
  result.reserve(tokens.size());
  for (std::size_t i = 1; i < text.size(); ++i) {
    const std::size_t length = std::min(i - first, static_cast<std::size_t>(order() - 1));
    result.push_back(model_->probability(std::span(text).subspan(i - length, length), text[i]));
  }
  return result;
}

double NGram::nats(std::span<const std::int32_t> tokens) const {
  if (tokens.empty()) throw InputError("an n-gram model cannot measure a text of no tokens");
  double sum = 0;
  for (const double p : probabilities(tokens)) sum -= std::log(p);
  return sum / static_cast<double>(tokens.size());
}

}  // namespace unfold
