#include "tasks/language_model_data.h"

#include "base/checksum.h"
#include "unfold/error.h"

namespace unfold {
namespace {

std::vector<std::int32_t> copy(std::span<const std::int32_t> tokens) { return {tokens.begin(), tokens.end()}; }

}  // namespace

LanguageModelData read_data(const LanguageModelSettings& settings) {
  const Level level = parse_level(settings.level);
  const Text text = read_text(settings.data, level);

  LanguageModelData data;
  data.source = settings.data;
  data.checksum = checksum(std::as_bytes(std::span(text.content)));
  if (settings.valid.empty()) {
    data.vocabulary = Vocabulary::build(text, settings.vocabulary);
    const std::vector<std::int32_t> tokens = data.vocabulary.encode(text);
    const Split split = split_tail(tokens, settings.held_out);
    data.train = copy(split.train);
    data.valid = copy(split.valid);
  } else {
    const Text valid = read_text(settings.valid, level);
    data.checksum = data.checksum << 32 | checksum(std::as_bytes(std::span(valid.content)));
    data.vocabulary = Vocabulary::build(text.content + valid.content, level, settings.vocabulary);
    data.train = data.vocabulary.encode(text);
    data.valid = data.vocabulary.encode(valid);
  }
  return data;
}

}  // namespace unfold
