#include "generate/start.h"

#include <fmt/core.h>

#include "base/random.h"
#include "unfold/error.h"

namespace unfold {

namespace {

constexpr std::uint64_t kFirstTokenKey = 1;

std::vector<std::int32_t> tokens_to_read(const Vocabulary& vocabulary, const std::string& prompt,
                                         const Continuation* from) {
  std::vector<std::int32_t> tokens;
  if (from != nullptr && from->last_token) tokens.push_back(*from->last_token);
  if (tokens.empty()) {
    // A prompt of undivided text may stand anywhere in it; one of divided text begins a sequence.
    const auto begin = prompt.empty() ? first_token(vocabulary) : boundary_token(vocabulary);
    if (begin) tokens.push_back(*begin);
  }
  const std::vector<std::int32_t> given = vocabulary.encode(Text{prompt, vocabulary.level(), "prompt"});
  tokens.insert(tokens.end(), given.begin(), given.end());
  return tokens;
}

}  // namespace

std::optional<std::int32_t> boundary_token(const Vocabulary& vocabulary) { return vocabulary.boundary(); }

std::optional<std::int32_t> first_token(const Vocabulary& vocabulary) {
  const auto boundary = boundary_token(vocabulary);
  return boundary ? boundary : vocabulary.find("\n");
}

Start read_prompt(TextModel& model, const Vocabulary& vocabulary, const std::string& prompt, const Continuation* from) {
  if (vocabulary.size() != model.symbols()) {
    throw ContractError(
        fmt::format("the vocabulary has {} symbols, the model was made for {}", vocabulary.size(), model.symbols()));
  }
  Start start{from != nullptr && from->state.batch == 1 ? from->state : model.begin(1), {}, {}};
  start.holds.resize(static_cast<std::size_t>(vocabulary.size()));
  if (from != nullptr) {
    for (const std::int32_t token : from->symbols) start.holds.at(static_cast<std::size_t>(token)) = 1;
  }
  const std::vector<std::int32_t> tokens = tokens_to_read(vocabulary, prompt, from);
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    start.holds[static_cast<std::size_t>(tokens[i])] = 1;
    if (i + 1 < tokens.size()) model.step(start.state, {&tokens[i], 1});
  }
  if (!tokens.empty()) start.last_token = tokens.back();
  return start;
}

std::int32_t token_before(const Start& start, std::uint64_t seed) {
  if (start.last_token) return *start.last_token;
  return static_cast<std::int32_t>(Random(combine(seed, kFirstTokenKey)).below(start.holds.size()));
}

}  // namespace unfold
