// Words to vectors: see WordEncoderOptions.
#pragma once

#include <optional>

#include "unfold/recurrent_tagger.h"

namespace unfold {

class WordEncoder {
 public:
  /// Throws UsageError for sizes that leave no vector.
  WordEncoder(const RecurrentTaggerOptions& options, const WordUnits& units);

  Index output_size() const;
  ParameterList parameters();
  /// [N, output size] of the batch's words.
  Variable forward(Tape& tape, const WordBatch& batch, Mode mode, const MaskKeys& keys);

 private:
  /// [D, 2 character_hidden] of the batch's distinct words.
  Variable spell(Tape& tape, const WordBatch& batch, Mode mode, const MaskKeys& keys);

  WordEncoderOptions options_;
  double word_dropout_ = 0;
  std::optional<Parameter> words_;       // [words, embed]
  std::optional<Parameter> characters_;  // [characters, character_embed]
  std::optional<RecurrentStack> spelling_;
};

}  // namespace unfold
