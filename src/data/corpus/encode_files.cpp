// Texts encoded with a vocabulary that is already there.
#include <fmt/format.h>

#include <algorithm>

#include "data/corpus/token_storage.h"
#include "data/text/chunks.h"
#include "unfold/corpus.h"
#include "unfold/error.h"

namespace unfold {
namespace {

/// The tokens of one chunk; `ends` are where sequences end.
struct EncodedChunk {
  std::vector<std::int32_t> tokens;
  std::vector<std::size_t> ends;
  Index characters = 0;
  Index bytes = 0;
};

EncodedChunk encode_chunk(const Chunk& chunk, const Vocabulary& vocabulary) {
  EncodedChunk result;
  std::size_t line = chunk.first_line;
  const char* at = chunk.text.data();
  for_each_sequence(chunk, vocabulary.division(), [&](std::string_view text, bool ended) {
    line += static_cast<std::size_t>(std::count(at, text.data(), '\n'));
    at = text.data();
    const std::vector<std::int32_t> tokens = vocabulary.encode(text, chunk.source, line);
    result.tokens.insert(result.tokens.end(), tokens.begin(), tokens.end());
    result.characters += character_count(text, vocabulary.level());
    result.bytes += static_cast<Index>(text.size());
    if (ended) result.ends.push_back(result.tokens.size());
  });
  return result;
}

}  // namespace

EncodedText encode_files(std::span<const std::string> names, std::string_view include, const Vocabulary& vocabulary) {
  ChunkReader reader(text_files(names, include), vocabulary.level(), vocabulary.division());
  auto all = std::make_shared<TokenArray>(vocabulary.size() - 1);
  EncodedText result;
  const std::int32_t boundary = vocabulary.boundary().value_or(-1);
  bool open = false;
  const auto append = [&](std::span<const std::int32_t> tokens) {
    if (boundary >= 0 && !tokens.empty() && all->size() == 0) all->append(std::span(&boundary, 1));
    all->append(tokens);
    open = open || !tokens.empty();
  };
  std::vector<EncodedChunk> encoded(kChunkGroup);
  for_each_chunk(
      reader, [&](std::size_t i, const Chunk& chunk) { encoded[i] = encode_chunk(chunk, vocabulary); },
      [&](std::size_t i, const Chunk&) {
        const std::span<const std::int32_t> tokens = encoded[i].tokens;
        std::size_t begin = 0;
        for (const std::size_t end : encoded[i].ends) {
          append(tokens.subspan(begin, end - begin));
          begin = end;
          if (open) all->append(std::span(&boundary, 1));
          open = false;
        }
        append(tokens.subspan(begin));
        result.characters += encoded[i].characters;
        result.bytes += encoded[i].bytes;
      });
  if (all->size() == 0) {
    throw InputError(fmt::format("'{}' is empty: expected a text to learn from or measure", fmt::join(names, " ")));
  }
  result.tokens = Tokens(std::move(all));
  return result;
}

}  // namespace unfold
