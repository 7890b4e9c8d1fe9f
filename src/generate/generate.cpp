// The loop that reads a prompt and writes on.
#include "unfold/generate.h"

#include <fmt/core.h>

#include "base/random.h"
#include "unfold/error.h"

namespace unfold {

namespace {

// Keys of the draws.
constexpr std::uint64_t kFirstTokenKey = 1;
constexpr std::uint64_t kTextKey = 2;

std::int32_t first_token(const Vocabulary& vocabulary, std::uint64_t seed) {
  if (const auto line_end = vocabulary.find("\n")) return *line_end;
  Random random(combine(seed, kFirstTokenKey));
  return static_cast<std::int32_t>(random.below(static_cast<std::uint64_t>(vocabulary.size())));
}

/// What `token` adds to a text that ends with `before`.
std::string piece_of(const Vocabulary& vocabulary, std::int32_t before, std::int32_t token) {
  const std::int32_t pair[] = {before, token};
  return vocabulary.decode(pair).substr(vocabulary.decode(std::span(pair, 1)).size());
}

/// The tokens to read before the first is written: at least one.
std::vector<std::int32_t> tokens_to_read(const Vocabulary& vocabulary, const GenerateOptions& options,
                                         const Continuation& from) {
  std::vector<std::int32_t> tokens;
  if (from.last_token) tokens.push_back(*from.last_token);
  if (!options.prompt.empty()) {
    const std::vector<std::int32_t> prompt = vocabulary.encode(Text{options.prompt, vocabulary.level(), "prompt"});
    tokens.insert(tokens.end(), prompt.begin(), prompt.end());
  }
  if (tokens.empty()) tokens.push_back(first_token(vocabulary, options.seed));
  return tokens;
}

}  // namespace

std::string generate(LanguageModel& model, const Vocabulary& vocabulary, const GenerateOptions& options,
                     const PieceCallback& callback, Continuation* from) {
  if (vocabulary.size() != model.vocabulary()) {
    throw ContractError(
        fmt::format("the vocabulary has {} symbols, the model was made for {}", vocabulary.size(), model.vocabulary()));
  }
  if (options.length < 0) throw UsageError(fmt::format("the length must be 0 or more, not {}", options.length));
  Continuation here = from == nullptr ? Continuation{model.state(1), {}} : *from;
  if (here.state.batch == 0) here.state = model.state(1);
  const std::vector<std::int32_t> read = tokens_to_read(vocabulary, options, here);
  for (std::size_t i = 0; i + 1 < read.size(); ++i) model.step(here.state, {&read[i], 1});

  Random random(combine(options.seed, kTextKey));
  std::int32_t last = read.back();
  std::string text;
  for (Index i = 0; i < options.length; ++i) {
    const Tensor log_probabilities = model.step(here.state, {&last, 1});
    const std::int32_t next = sample(log_probabilities.values(), options.temperature, random.uniform_double());
    const std::string piece = piece_of(vocabulary, last, next);
    text += piece;
    if (callback) callback(piece);
    last = next;
  }
  here.last_token = last;
  if (from != nullptr) *from = std::move(here);
  return text;
}

}  // namespace unfold
