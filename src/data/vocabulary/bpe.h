// Byte pair encoding by SentencePiece: pieces learnt from counted units (symbols.h), and units encoded as pieces.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "unfold/vocabulary.h"

namespace unfold {

class Bpe {
 public:
  /// Learns at most `size` pieces, the 256 bytes among them. The same counts give the same pieces, whatever their
  /// order. Throws UsageError where `size` is too small for the characters of the text.
  static Bpe train(std::vector<SymbolCount> units, Index size);
  /// From what `model` returned. Throws InputError for anything else.
  static Bpe load(std::string model);

  Bpe(Bpe&&) noexcept;
  ~Bpe();

  /// The text of every piece, by its id.
  const std::vector<std::string>& pieces() const;
  /// SentencePiece's own file.
  const std::string& model() const;
  /// The id of a byte's piece.
  std::int32_t byte(unsigned char value) const { return value; }
  /// Appends the ids of a unit's pieces.
  void encode(std::string_view unit, std::vector<std::int32_t>& ids) const;

 private:
  struct Implementation;
  explicit Bpe(std::unique_ptr<const Implementation> implementation);
  std::unique_ptr<const Implementation> implementation_;
};

}  // namespace unfold
