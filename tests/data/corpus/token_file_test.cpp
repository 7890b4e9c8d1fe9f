#include "data/corpus/token_file.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <numeric>
#include <string>
#include <vector>

#include "base/expect_error.h"
#include "base/file.h"
#include "base/random.h"
#include "base/temporary_folder.h"
#include "unfold/error.h"
#include "unfold/tokens.h"

namespace unfold {
namespace {

using Ids = std::vector<std::int32_t>;

Ids random_tokens(Index count, std::int32_t size) {
  Random random(static_cast<std::uint64_t>(size));
  Ids tokens;
  for (Index i = 0; i < count; ++i) {
    tokens.push_back(static_cast<std::int32_t>(random.below(static_cast<std::uint64_t>(size))));
  }
  tokens.push_back(size - 1);
  return tokens;
}

class TokenFileTest : public ::testing::Test {
 protected:
  void write(const Ids& tokens, std::int32_t largest) const {
    TokenFileWriter writer(file_, largest);
    const auto half = tokens.size() / 2;
    writer.append(std::span(tokens).first(half));
    writer.append(std::span(tokens).subspan(half));
    writer.finish();
  }
  void replace(const std::string& content) const { std::ofstream(file_, std::ios::binary) << content; }

  const TemporaryFolder folder_;
  const std::filesystem::path file_ = folder_.path() / "a.tokens";
};

TEST_F(TokenFileTest, HoldsTheTokensInTheFewestBytes) {
  const std::vector<std::pair<std::int32_t, Index>> widths = {{1, 1},     {256, 1},   {257, 2},
                                                              {65536, 2}, {65537, 4}, {2'000'000'000, 4}};
  for (const auto& [size, width] : widths) {
    const Ids tokens = random_tokens(1000, size);
    write(tokens, size - 1);
    EXPECT_EQ(std::filesystem::file_size(file_), 32u + tokens.size() * static_cast<std::size_t>(width)) << size;
    const Tokens read = Tokens::open(file_);
    ASSERT_EQ(read.size(), 1001);
    EXPECT_EQ(read.all(), tokens);
    EXPECT_EQ(Tokens(tokens).all(), tokens) << "in memory";
    Ids some(17);
    read.part(100, 500).read(33, some);
    EXPECT_EQ(some, Ids(tokens.begin() + 133, tokens.begin() + 150));
  }
}

TEST_F(TokenFileTest, NoticesEveryDamage) {
  write(random_tokens(40, 300), 299);
  const std::string whole = read_file(file_);
  for (std::size_t i = 0; i < whole.size(); ++i) {
    std::string changed = whole;
    changed[i] = static_cast<char>(changed[i] ^ 0x20);
    replace(changed);
    EXPECT_THROW(Tokens::open(file_), InputError) << "byte " << i;
  }
  for (std::size_t size = 0; size < whole.size(); ++size) {
    replace(whole.substr(0, size));
    EXPECT_THROW(Tokens::open(file_), InputError) << "cut to " << size;
  }
  replace(whole + '\0');
  expect_error<InputError>([&] { Tokens::open(file_); }, {file_.string()});
  expect_error<InputError>([&] { Tokens::open(folder_.path() / "none"); }, {"none", "No such file"});
}

TEST_F(TokenFileTest, IsNoneUntilItIsFinished) {
  TokenFileWriter writer(file_, 10);
  writer.append(Ids{1, 2, 3});
  EXPECT_THROW(Tokens::open(file_), InputError);
  writer.finish();
  EXPECT_EQ(Tokens::open(file_).all(), (Ids{1, 2, 3}));
}

TEST(Tokens, RefuseWhatIsNotThere) {
  const Tokens tokens(Ids{1, 2, 3});
  Ids two(2);
  EXPECT_THROW(tokens.read(2, two), ContractError);
  EXPECT_THROW(tokens.read(-1, two), ContractError);
  EXPECT_THROW(tokens.part(1, 3), ContractError);
  EXPECT_THROW(tokens.part(1, 1).read(0, two), ContractError);
  EXPECT_THROW(Tokens(Ids{1, -1}), ContractError);
  EXPECT_EQ(Tokens().size(), 0);
  EXPECT_TRUE(Tokens(Ids{}).all().empty());
}

}  // namespace
}  // namespace unfold
