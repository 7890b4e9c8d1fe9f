// The symbols of labelled sequences, for networks that read a vocabulary.
#pragma once

#include "data/vocabulary/symbols.h"
#include "unfold/sequences.h"
#include "unfold/vocabulary.h"

namespace unfold {

/// Calls use(symbol) for every symbol of a text or of words, in order. Of words each is a symbol.
template <class Use>
void for_each_symbol(const Sequence& sequence, SequenceKind kind, Level level, const Use& use) {
  if (kind == SequenceKind::kText) return for_each_symbol(std::string_view(sequence.text), level, use);
  for (const std::string& word : sequence.words) use(std::string_view(word));
}

/// The ids of a sequence's symbols, or of the unknown one. Throws InputError, naming the line, for vectors, and for
/// words where the vocabulary has none.
std::vector<std::int32_t> symbols_of(const Sequence& sequence, SequenceKind kind, const Vocabulary& vocabulary);

}  // namespace unfold
