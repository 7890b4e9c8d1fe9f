#include "tasks/language_model/data.h"

#include <fmt/core.h>

#include "base/checksum.h"
#include "unfold/error.h"

namespace unfold {
namespace {

/// A text must make one prediction at least.
void expect_length(std::span<const std::int32_t> tokens, const std::string& file) {
  if (tokens.size() >= 2) return;
  throw InputError(
      fmt::format("{}: the text has 1 token; two are needed for one to be predicted from the other", file));
}

Split split(std::span<const std::int32_t> tokens, const LanguageModelSettings& settings) {
  try {
    return split_tail(tokens, settings.text.held_out);
  } catch (const InputError& error) {
    throw InputError(fmt::format("{}: {}", settings.text.data, error.what()));
  }
}

std::vector<std::int32_t> copy(std::span<const std::int32_t> tokens) { return {tokens.begin(), tokens.end()}; }

}  // namespace

LanguageModelData read_data(const LanguageModelSettings& settings) {
  const Level level = parse_level(settings.text.level);
  const Text text = read_text(settings.text.data, level);

  LanguageModelData data;
  data.source = settings.text.data;
  data.checksum = checksum(std::as_bytes(std::span(text.content)));
  if (settings.text.valid.empty()) {
    data.vocabulary = Vocabulary::build(text, settings.text.vocabulary);
    const std::vector<std::int32_t> tokens = data.vocabulary.encode(text);
    expect_length(tokens, settings.text.data);
    const Split parts = split(tokens, settings);
    data.train = copy(parts.train);
    data.valid = copy(parts.valid);
  } else {
    const Text valid = read_text(settings.text.valid, level);
    data.checksum = data.checksum << 32 | checksum(std::as_bytes(std::span(valid.content)));
    data.vocabulary = Vocabulary::build(text.content + valid.content, level, settings.text.vocabulary);
    data.train = data.vocabulary.encode(text);
    data.valid = data.vocabulary.encode(valid);
    expect_length(data.train, settings.text.data);
    expect_length(data.valid, settings.text.valid);
  }
  return data;
}

}  // namespace unfold
