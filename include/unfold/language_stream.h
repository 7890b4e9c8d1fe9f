// Many texts written or read at once, token after token, coming and going as they like.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "unfold/language_model.h"

namespace unfold {

/// Where one text stands, as a value: every state of every layer, one after another. Empty: at its beginning.
struct StreamState {
  std::vector<float> values = {};
};

/// Steps of a language model in evaluation mode at the speed at which its weights can be read, for the texts that are
/// there: a server passes those that have a token to read. A text's numbers are the same, bit for bit, whoever reads
/// beside it; they equal those of the whole text within rounding. Not for several threads at once: each makes its own.
class LanguageStream {
 public:
  /// Refers to the model. Throws InputError where the model has no streaming form (see RecurrenceStream).
  explicit LanguageStream(const LanguageModel& model);
  ~LanguageStream();
  LanguageStream(LanguageStream&&) noexcept;
  LanguageStream& operator=(LanguageStream&&) noexcept;

  /// V.
  Index symbols() const;
  /// Text i reads tokens[i], states[i] moves on, and log_probabilities [n, V] receives log p(next token) in nats. Once
  /// it has seen as many texts, a step allocates nothing but what the states of beginning texts take. Throws
  /// ContractError for a token out of range or spans and states of other sizes; then no state has moved.
  void step(std::span<StreamState* const> states, std::span<const std::int32_t> tokens,
            std::span<float> log_probabilities);
  /// The same for a batch whose states are one value.
  void step(State& state, std::span<const std::int32_t> tokens, std::span<float> log_probabilities);

  /// Bytes of weights that a step of one text reads.
  Index bytes() const;

 private:
  struct Implementation;
  std::unique_ptr<Implementation> implementation_;
};

}  // namespace unfold
