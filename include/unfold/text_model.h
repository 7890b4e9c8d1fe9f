// A model of text, whatever is inside: it reads tokens and says how probable each symbol is as the next one. All that
// generation and scoring know of a model; networks, n-grams and mixtures of them are used alike.
#pragma once

#include <any>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "unfold/data.h"
#include "unfold/tensor.h"

namespace unfold {

/// Where B texts stand, as a value: a copy is a fork. Only the model that made it knows what it holds.
struct TextState {
  Index batch = 0;     // B
  std::any rows = {};  // of all B texts
};

/// A distribution over the next token, given those before. Throws ContractError where a token is not in [0, V) or a
/// state is of another batch than the tokens.
class TextModel {
 public:
  virtual ~TextModel() = default;

  /// V, the size of the vocabulary.
  virtual Index symbols() const = 0;
  /// Differs where two models would answer differently: what a saved state is recognised by.
  virtual std::uint64_t identity() const = 0;

  /// `batch` texts before their first token.
  virtual TextState begin(Index batch) const = 0;
  /// Every text reads one token [B]; log p(next token) of each, [B, V], in nats. `state` moves on.
  virtual Tensor step(TextState& state, std::span<const std::int32_t> tokens) = 0;
  /// Texts of different lengths at once: they read their inputs; log p(target) at each of the N rows, in nats. `state`
  /// [B] of the batch's streams moves on. The same numbers as step by step, within rounding, and faster.
  virtual std::vector<float> score(const TokenBatch& batch, TextState& state) = 0;

  /// The texts `rows` of a state, in this order: left out, or several times.
  virtual TextState select(const TextState& state, std::span<const Index> rows) const = 0;
  /// A state as named arrays, and back. Throws InputError for arrays that `save` did not make for a model like this.
  virtual std::map<std::string, Tensor> save(const TextState& state) const = 0;
  virtual TextState restore(const std::map<std::string, Tensor>& arrays, Index batch) const = 0;
};

}  // namespace unfold
