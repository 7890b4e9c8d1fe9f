#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "base/expect_error.h"
#include "unfold/data.h"
#include "unfold/error.h"

namespace unfold {
namespace {

using Tokens = std::vector<std::int32_t>;

std::vector<std::string> symbols(const Vocabulary& vocabulary) {
  std::vector<std::string> found;
  for (std::int32_t id = 0; id < vocabulary.size(); ++id) found.push_back(vocabulary.symbol(id));
  return found;
}

std::string every_byte() {
  std::string bytes;
  for (int byte = 0; byte < 256; ++byte) bytes.push_back(static_cast<char>(byte));
  return bytes;
}

TEST(Vocabulary, OrdersCharactersByCodePoint) {
  const Vocabulary vocabulary = Vocabulary::build("z日a\U0001F600é\uFFFD a\n", Level::kChar);
  EXPECT_EQ(symbols(vocabulary), (std::vector<std::string>{"\n", " ", "a", "z", "é", "日", "\uFFFD", "\U0001F600"}));
  EXPECT_EQ(vocabulary.encode("a日a"), (Tokens{2, 5, 2}));
  EXPECT_EQ(vocabulary.decode(Tokens{2, 5, 2}), "a日a");
  EXPECT_EQ(vocabulary.find("z"), 3);
  EXPECT_EQ(vocabulary.find("y"), std::nullopt);
  EXPECT_EQ(vocabulary.unknown(), std::nullopt);
}

TEST(Vocabulary, OrdersBytesByTheirNumberAndTakesAny) {
  const Vocabulary vocabulary = Vocabulary::build("\xFF\x80z\x01", Level::kByte);
  EXPECT_EQ(symbols(vocabulary), (std::vector<std::string>{"\x01", "z", "\x80", "\xFF"}));
  const std::string bytes = every_byte();
  const Vocabulary all = Vocabulary::build(bytes, Level::kByte);
  EXPECT_EQ(all.size(), 256);
  EXPECT_EQ(all.decode(all.encode(bytes)), bytes);
}

TEST(Vocabulary, OrdersWordsByFrequencyThenText) {
  const Vocabulary vocabulary = Vocabulary::build("to be , or not to be\nbe", Level::kWord);
  EXPECT_EQ(symbols(vocabulary), (std::vector<std::string>{"be", "to", "\n", ",", "not", "or"}));
  EXPECT_EQ(vocabulary.encode("not to be"), (Tokens{4, 1, 0}));
  EXPECT_EQ(vocabulary.decode(Tokens{4, 1, 0, 3, 0, 2, 1}), "not to be, be\nto");
  EXPECT_EQ(vocabulary.unknown(), std::nullopt);
}

TEST(Vocabulary, ALimitKeepsTheMostFrequentWordsAndUnknown) {
  const Vocabulary vocabulary = Vocabulary::build("to be , or not to be\nbe", Level::kWord, 3);
  EXPECT_EQ(symbols(vocabulary), (std::vector<std::string>{"<unk>", "be", "to"}));
  EXPECT_EQ(vocabulary.unknown(), 0);
  EXPECT_EQ(vocabulary.encode("to whom"), (Tokens{2, 0}));
  EXPECT_EQ(vocabulary.decode(Tokens{2, 0}), "to <unk>");
  EXPECT_EQ(Vocabulary::build("a b <unk>", Level::kWord, 100).size(), 3) << "<unk> of the text is the same symbol";
}

TEST(Vocabulary, RefusesALimitThatMakesNoSense) {
  expect_error<UsageError>([] { Vocabulary::build("abc", Level::kChar, 2); }, {"for words", "char"});
  expect_error<UsageError>([] { Vocabulary::build("a b", Level::kWord, 1); }, {"at least 2", "found 1"});
  EXPECT_THROW(Vocabulary::build("a b", Level::kWord, -4), UsageError);
}

TEST(Vocabulary, NamesAnUnknownSymbolAndItsPlace) {
  const Vocabulary characters = Vocabulary::build("ab\n", Level::kChar);
  expect_error<InputError>(
      [&] {
        characters.encode(Text{"ab\nbaé", Level::kChar, "new.txt"});
      },
      {"new.txt:2:3:", "the character 'é' (U+00E9)", "train on a text that contains it"});
  expect_error<InputError>([&] { characters.encode("a\t"); }, {"text:1:2:", "the character U+0009"});
  const Vocabulary bytes = Vocabulary::build("ab", Level::kByte);
  expect_error<InputError>([&] { bytes.encode("a\xC3"); }, {"text:1:2:", "the byte 0xC3"});
  const Vocabulary words = Vocabulary::build("to be", Level::kWord);
  expect_error<InputError>([&] { words.encode("to see"); }, {"text:1:4:", "the word 'see'", "vocabulary limit"});
  expect_error<InputError>([&] { words.encode("to\n"); }, {"text:1:3:", "the line end"});
}

TEST(Vocabulary, RefusesTextThatIsNotUtf8AndTextOfAnotherLevel) {
  const Vocabulary vocabulary = Vocabulary::build("ab", Level::kChar);
  expect_error<InputError>([&] { vocabulary.encode("a\xC3"); }, {"text:1: byte 1 (0xC3)", "not UTF-8"});
  EXPECT_THROW(Vocabulary::build("a\xC3", Level::kWord), InputError);
  expect_error<ContractError>([&] { vocabulary.encode(Text{"ab", Level::kByte, "x"}); }, {"level byte", "level char"});
}

TEST(Vocabulary, RefusesTokensOutOfRange) {
  const Vocabulary vocabulary = Vocabulary::build("ab", Level::kChar);
  expect_error<ContractError>([&] { vocabulary.symbol(2); }, {"token 2", "token < 2"});
  EXPECT_THROW(vocabulary.symbol(-1), ContractError);
  EXPECT_THROW(vocabulary.decode(Tokens{0, 5}), ContractError);
}

TEST(Vocabulary, SurvivesJson) {
  const std::vector<Vocabulary> vocabularies = {
      Vocabulary::build(every_byte(), Level::kByte),
      Vocabulary::build(std::string(1, '\0') + "\"\\/\n\x7F é日\U0001F600\u2028", Level::kChar),
      Vocabulary::build("to be or not to be,\n\"日本\" '\U0001F600'", Level::kWord),
      Vocabulary::build("to be or not to be", Level::kWord, 3),
      Vocabulary(),
  };
  for (const Vocabulary& vocabulary : vocabularies) {
    const std::string json = vocabulary.to_json();
    for (const char byte : json) ASSERT_TRUE(byte >= ' ' && byte <= '~') << json;
    const Vocabulary again = Vocabulary::from_json(json);
    EXPECT_EQ(again, vocabulary) << json;
    EXPECT_EQ(again.to_json(), json);
    for (std::int32_t id = 0; id < vocabulary.size(); ++id) EXPECT_EQ(again.find(vocabulary.symbol(id)), id);
  }
  EXPECT_EQ(Vocabulary::build("ab", Level::kByte).to_json(), R"({"level":"byte","symbols":[97,98]})");
}

TEST(Vocabulary, EqualityComparesLevelAndSymbols) {
  EXPECT_EQ(Vocabulary::build("ab", Level::kChar), Vocabulary::build("baba", Level::kChar));
  EXPECT_FALSE(Vocabulary::build("ab", Level::kChar) == Vocabulary::build("ab", Level::kByte));
  EXPECT_FALSE(Vocabulary::build("ab", Level::kChar) == Vocabulary::build("abc", Level::kChar));
}

TEST(Vocabulary, RefusesDamagedJson) {
  for (const std::string json : {"",
                                 "{",
                                 "[]",
                                 "{}",
                                 R"({"level":"char"})",
                                 R"({"level":"char","symbols":3})",
                                 R"({"level":3,"symbols":[]})",
                                 R"({"level":"line","symbols":[]})",
                                 R"({"level":"char","symbols":["a","a"]})",
                                 R"({"level":"char","symbols":["ab"]})",
                                 R"({"level":"char","symbols":[""]})",
                                 R"({"level":"char","symbols":[97]})",
                                 R"({"level":"byte","symbols":[256]})",
                                 R"({"level":"byte","symbols":[-1]})",
                                 R"({"level":"byte","symbols":[1.5]})",
                                 R"({"level":"byte","symbols":["a"]})",
                                 R"({"level":"word","symbols":["two words"]})",
                                 R"({"level":"word","symbols":[" "]})",
                                 R"({"level":"char","symbols":["a"],"more":1})",
                                 "{\"level\":\"char\",\"symbols\":[\"\xC3\"]}",
                                 R"({"level":"byte","symbols":[18446744073709551615]})"}) {
    EXPECT_THROW(Vocabulary::from_json(json), InputError) << json;
  }
  expect_error<InputError>([] { Vocabulary::from_json(R"({"level":"char","symbols":["ab"]})"); },
                           {"damaged", "\"ab\""});
}

}  // namespace
}  // namespace unfold
