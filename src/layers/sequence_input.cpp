#include "layers/sequence_input.h"

namespace unfold {

Variable vectors(Tape& tape, const SequenceInput& input, Index size) {
  if (const auto* dense = std::get_if<Variable>(&input)) return *dense;
  if (const auto* embedded = std::get_if<EmbeddedTokens>(&input)) {
    return embedding(tape, *embedded->table, embedded->tokens);
  }
  return one_hot(tape, std::get<OneHotTokens>(input).tokens, size);
}

}  // namespace unfold
