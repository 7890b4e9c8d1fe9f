// The n-gram figures that networks on these texts are held against, measured by an independent program.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <set>
#include <string>
#include <vector>

#include "base/file.h"
#include "data/shared_data.h"
#include "unfold/baselines.h"

namespace unfold {
namespace {

// The figures are given to three digits after the point.
constexpr double kFigureTolerance = 0.001;

// Every byte value that occurs is a token; the texts are read so that this equals their characters.
struct Tokens {
  std::vector<std::int32_t> values;
  Index vocabulary = 0;
};

Tokens bytes_as_tokens(const std::string& text) {
  const std::set<char> symbols(text.begin(), text.end());
  std::array<std::int32_t, 256> ids{};
  std::int32_t next = 0;
  for (const char symbol : symbols) ids[static_cast<unsigned char>(symbol)] = next++;
  Tokens tokens{{}, static_cast<Index>(symbols.size())};
  for (const char symbol : text) tokens.values.push_back(ids[static_cast<unsigned char>(symbol)]);
  return tokens;
}

TEST(NGramOnSharedData, TinyShakespeare) {
  const auto file = shared_data("tinyshakespeare/input.txt");
  UNFOLD_NEEDS(file);
  const auto [tokens, vocabulary] = bytes_as_tokens(read_file(file));
  ASSERT_EQ(vocabulary, 65);
  const std::span all(tokens);
  const std::size_t train = all.size() * 9 / 10;
  constexpr std::array<double, 7> kNats = {3.347, 2.486, 2.049, 1.774, 1.669, 1.698, 1.779};
  for (int order = 1; order <= 7; ++order) {
    const NGram model = NGram::train(all.first(train), vocabulary, order);
    EXPECT_NEAR(model.nats(all.subspan(train)), kNats[static_cast<std::size_t>(order - 1)], kFigureTolerance) << order;
  }
}

}  // namespace
}  // namespace unfold
