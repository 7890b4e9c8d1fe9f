// The n-gram figures that networks on these texts are held against, measured by independent programs.
#include <gtest/gtest.h>

#include <array>
#include <map>
#include <string>
#include <vector>

#include "base/file.h"
#include "data/shared_data.h"
#include "unfold/baselines.h"

namespace unfold {
namespace {

constexpr double kFigureTolerance = 0.003;
constexpr double kFourDigits = 0.0001;

struct Tokens {
  std::vector<std::int32_t> values;
  Index vocabulary = 0;
};

/// Symbols numbered in their order.
Tokens numbered(const std::vector<std::int32_t>& symbols) {
  std::map<std::int32_t, std::int32_t> ids;
  for (const std::int32_t symbol : symbols) ids.emplace(symbol, 0);
  std::int32_t next = 0;
  for (auto& [symbol, id] : ids) id = next++;
  Tokens tokens{{}, static_cast<Index>(ids.size())};
  tokens.values.reserve(symbols.size());
  for (const std::int32_t symbol : symbols) tokens.values.push_back(ids.at(symbol));
  return tokens;
}

Tokens bytes_as_tokens(const std::string& text) { return numbered({text.begin(), text.end()}); }

/// Valid UTF-8 only: a character's first byte and its others, packed into one number.
std::vector<std::int32_t> code_points(const std::string& text) {
  std::vector<std::int32_t> characters;
  for (const char byte : text) {
    const auto value = static_cast<unsigned char>(byte);
    if ((value & 0xC0) == 0x80) {
      characters.back() = (characters.back() << 8) | value;
    } else {
      characters.push_back(value);
    }
  }
  return characters;
}

constexpr const char* kTinyShakespeare = "tinyshakespeare/input.txt";
constexpr const char* kWarAndPeace = "war_and_peace/warandpeace_body.txt";

/// Nats per character of the last tenth, after counting the `train` first tenths.
double nats_of_last_tenth(const Tokens& tokens, std::size_t train, const NGramOptions& options) {
  const std::span all(tokens.values);
  const NGram model = NGram::train(all.first(all.size() * train / 10), tokens.vocabulary, options);
  return model.nats(all.subspan(all.size() * 9 / 10));
}

TEST(NGramOnSharedData, TinyShakespeare) {
  const auto file = shared_data(kTinyShakespeare);
  UNFOLD_NEEDS(file);
  const Tokens tokens = bytes_as_tokens(read_file(file));
  ASSERT_EQ(tokens.vocabulary, 65);
  constexpr std::array<double, 7> kNats = {3.347, 2.486, 2.049, 1.774, 1.669, 1.698, 1.779};
  for (int order = 1; order <= 7; ++order) {
    const double expected = kNats[static_cast<std::size_t>(order - 1)];
    EXPECT_NEAR(nats_of_last_tenth(tokens, 9, {.order = order}), expected, kFigureTolerance) << order;
  }
}

TEST(NGramOnSharedData, AHundredTokensOfContextAreNoBetterThanSix) {
  const auto file = shared_data(kTinyShakespeare);
  UNFOLD_NEEDS(file);
  const Tokens tokens = bytes_as_tokens(read_file(file));
  EXPECT_GT(nats_of_last_tenth(tokens, 9, {.order = 100}), nats_of_last_tenth(tokens, 9, {.order = 6}));
  // Kneser-Ney is best at seven, and longer contexts hardly matter to it.
  const NGramOptions seven = {.order = 7, .smoothing = Smoothing::kKneserNey};
  const NGramOptions hundred = {.order = 100, .smoothing = Smoothing::kKneserNey};
  EXPECT_GT(nats_of_last_tenth(tokens, 9, hundred), nats_of_last_tenth(tokens, 9, seven));
}

TEST(NGramOnSharedData, KneserNeyIsBetterThanWittenBell) {
  const auto file = shared_data(kTinyShakespeare);
  UNFOLD_NEEDS(file);
  const Tokens tokens = bytes_as_tokens(read_file(file));
  for (const int order : {4, 5, 6, 7}) {
    EXPECT_LT(nats_of_last_tenth(tokens, 9, {.order = order, .smoothing = Smoothing::kKneserNey}),
              nats_of_last_tenth(tokens, 9, {.order = order}))
        << order;
  }
}

TEST(NGramOnSharedData, WarAndPeace) {
  const auto file = shared_data(kWarAndPeace);
  UNFOLD_NEEDS(file);
  // Characters of several bytes are few; the figure is of characters, so they are read as such.
  const std::vector<std::int32_t> characters = code_points(read_file(file));
  const Tokens tokens = numbered(characters);
  ASSERT_EQ(tokens.vocabulary, 104);
  EXPECT_NEAR(nats_of_last_tenth(tokens, 8, {.order = 6}), 1.347, kFigureTolerance);
  EXPECT_GT(nats_of_last_tenth(tokens, 8, {.order = 100}), 1.347);
}

// A name begins after a line end and ends with one: 228,146 pairs of 32,033 names.
TEST(NGramOnSharedData, MaximumLikelihoodBigramOfNames) {
  const auto file = shared_data("names/makemore_names.txt");
  UNFOLD_NEEDS(file);
  std::string text = read_file(file);
  if (text.back() != '\n') text += '\n';
  const Tokens tokens = bytes_as_tokens(text);
  ASSERT_EQ(tokens.values.size(), 228'146);
  const std::int32_t line_end = 0;  // the least of all bytes
  const NGram model = NGram::train(tokens.values, tokens.vocabulary,
                                   {.order = 2, .smoothing = Smoothing::kMaximumLikelihood, .boundary = line_end});
  EXPECT_NEAR(model.nats(tokens.values), 2.4540, kFourDigits);
}

}  // namespace
}  // namespace unfold
