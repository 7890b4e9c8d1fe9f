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
  EXPECT_EQ(vocabulary.unknown(), 6) << "a text may have the replacement character itself";
}

TEST(Vocabulary, KnowsEveryByteByItsNumber) {
  const std::string bytes = every_byte();
  const Vocabulary all = Vocabulary::build("abc", Level::kByte);
  EXPECT_EQ(all.size(), 256);
  EXPECT_EQ(all.encode("a\xFF"), (Tokens{97, 255}));
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
  const Vocabulary vocabulary = Vocabulary::build("to be , or not to be\nbe", Level::kWord, {.max_size = 3});
  EXPECT_EQ(symbols(vocabulary), (std::vector<std::string>{"<unk>", "be", "to"}));
  EXPECT_EQ(vocabulary.unknown(), 0);
  EXPECT_EQ(vocabulary.encode("to whom"), (Tokens{2, 0}));
  EXPECT_EQ(vocabulary.decode(Tokens{2, 0}), "to <unk>");
  EXPECT_EQ(Vocabulary::build("a b <unk>", Level::kWord, {.max_size = 100}).size(), 3)
      << "<unk> of the text is the same symbol";
}

TEST(Vocabulary, KeepsASymbolForTheUnknownWhereItIsNeeded) {
  EXPECT_EQ(symbols(Vocabulary::build("banana", Level::kChar)), (std::vector<std::string>{"a", "b", "n"}));
  const Vocabulary rare = Vocabulary::build("banana", Level::kChar, {.min_count = 2});
  EXPECT_EQ(symbols(rare), (std::vector<std::string>{"a", "n", "\uFFFD"}));
  EXPECT_EQ(rare.encode("nab"), (Tokens{1, 0, 2}));
  EXPECT_EQ(rare.unknown(), 2);
  EXPECT_EQ(rare.decode(Tokens{1, 0, 2}), "na\uFFFD");
  const Vocabulary few = Vocabulary::build("banana", Level::kChar, {.max_size = 2});
  EXPECT_EQ(symbols(few), (std::vector<std::string>{"a", "\uFFFD"}));
  EXPECT_EQ(Vocabulary::build("banana", Level::kChar, {.max_size = 3}).size(), 3) << "all of them fit";
  const Vocabulary words = Vocabulary::build("to be or not to be", Level::kWord, {.min_count = 2});
  EXPECT_EQ(symbols(words), (std::vector<std::string>{"<unk>", "be", "to"}));
  const Vocabulary lacks = Vocabulary::build(Level::kChar, {{"b", 1}, {"a", 3}}, {}, /*unknown_occurs=*/true);
  EXPECT_EQ(symbols(lacks), (std::vector<std::string>{"a", "b", "\uFFFD"}));
}

TEST(Vocabulary, OfSequencesHasABoundaryAtTheEnd) {
  const Vocabulary lines = Vocabulary::build("ba", Level::kChar, {.division = {Division::Kind::kLines}});
  EXPECT_EQ(lines.size(), 3);
  EXPECT_EQ(lines.boundary(), 2);
  EXPECT_EQ(lines.symbol(2), "\n");
  EXPECT_EQ(lines.find("\n"), std::nullopt);
  EXPECT_EQ(lines.decode(Tokens{2, 0, 1, 2}), "\nab\n");
  EXPECT_EQ(Vocabulary::build("ba", Level::kChar).boundary(), std::nullopt);
  const Vocabulary files = Vocabulary::build("ba", Level::kByte, {.division = {Division::Kind::kDocuments}});
  EXPECT_EQ(files.boundary(), 256);
  EXPECT_EQ(files.symbol(256), "");
}

TEST(Vocabulary, RefusesALimitThatMakesNoSense) {
  expect_error<UsageError>([] { Vocabulary::build("abc", Level::kByte, {.max_size = 2}); }, {"byte", "all 256"});
  expect_error<UsageError>([] { Vocabulary::build("abc", Level::kByte, {.min_count = 2}); }, {"least count", "byte"});
  expect_error<UsageError>([] { Vocabulary::build("abc", Level::kChar, {.min_count = 0}); },
                           {"least count", "found 0"});
  expect_error<UsageError>([] { Vocabulary::build("abc", Level::kBpe); }, {"pieces", "above 256", "found 0"});
  expect_error<UsageError>([] { Vocabulary::build("a b", Level::kWord, {.max_size = 1}); }, {"at least 2", "found 1"});
  EXPECT_THROW(Vocabulary::build("a b", Level::kWord, {.max_size = -4}), UsageError);
}

TEST(Vocabulary, NamesAnUnknownSymbolAndItsPlace) {
  const Vocabulary characters = Vocabulary::build("ab\n", Level::kChar);
  expect_error<InputError>(
      [&] {
        characters.encode(Text{"ab\nbaé", Level::kChar, "new.txt"});
      },
      {"new.txt:2:3:", "the character 'é' (U+00E9)", "least count of 2"});
  expect_error<InputError>([&] { characters.encode("a\t"); }, {"text:1:2:", "the character U+0009"});
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
      Vocabulary::build("to be or not to be", Level::kWord, {.max_size = 3}),
      Vocabulary::build("aab", Level::kChar, {.min_count = 2}),
      Vocabulary::build("ab", Level::kByte, {.division = {Division::Kind::kLines}}),
      Vocabulary::build("ab", Level::kChar, {.division = {Division::Kind::kDocuments}}),
      Vocabulary::build("ab", Level::kWord, {.division = {Division::Kind::kDocuments, "\n--\n"}}),
      Vocabulary(),
  };
  for (const Vocabulary& vocabulary : vocabularies) {
    const std::string json = vocabulary.to_json();
    for (const char byte : json) ASSERT_TRUE(byte >= ' ' && byte <= '~') << json;
    const Vocabulary again = Vocabulary::from_json(json);
    EXPECT_EQ(again, vocabulary) << json;
    EXPECT_EQ(again.to_json(), json);
    EXPECT_EQ(again.division(), vocabulary.division());
    for (std::int32_t id = 0; id < vocabulary.size(); ++id) {
      EXPECT_TRUE(id == again.boundary() || again.find(vocabulary.symbol(id)) == id) << json;
    }
  }
  EXPECT_EQ(Vocabulary::build("ab", Level::kChar).to_json(), R"({"level":"char","symbols":["a","b"]})");
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
                                 R"({"level":"char","symbols":["a"],"sequences":"pages"})",
                                 R"({"level":"char","symbols":["a"],"sequences":"documents"})",
                                 R"({"level":"char","symbols":["a"],"separator":"\n"})",
                                 R"({"level":"bpe","symbols":["a"]})",
                                 R"({"level":"bpe","model":"abc"})",
                                 R"({"level":"bpe","model":"abcd"})",
                                 "{\"level\":\"char\",\"symbols\":[\"\xC3\"]}",
                                 R"({"level":"byte","symbols":[18446744073709551615]})"}) {
    EXPECT_THROW(Vocabulary::from_json(json), InputError) << json;
  }
  expect_error<InputError>([] { Vocabulary::from_json(R"({"level":"char","symbols":["ab"]})"); },
                           {"damaged", "\"ab\""});
}

}  // namespace
}  // namespace unfold
