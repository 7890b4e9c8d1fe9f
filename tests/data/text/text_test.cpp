#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "base/expect_error.h"
#include "base/file.h"
#include "base/temporary_folder.h"
#include "data/text/utf8.h"
#include "unfold/data.h"
#include "unfold/error.h"

namespace unfold {
namespace {

class ReadText : public ::testing::Test {
 protected:
  Text read(const std::string& content, Level level) const {
    write_atomically(file_, content);
    return read_text(file_, level);
  }
  const TemporaryFolder folder_;
  const std::filesystem::path file_ = folder_.path() / "book.txt";
};

TEST_F(ReadText, KeepsTheContentAsItIs) {
  const std::string content = "\xEF\xBB\xBFNaïve\r\n日本\t\n\n";
  for (const Level level : {Level::kByte, Level::kChar, Level::kWord}) {
    const Text text = read(content, level);
    EXPECT_EQ(text.content, content);
    EXPECT_EQ(text.level, level);
    EXPECT_EQ(text.source, file_.string());
  }
}

TEST_F(ReadText, NamesFileLineAndByteOfWhatIsNotUtf8) {
  const std::string content = "first\nsecond caf\xE9\nthird";
  for (const Level level : {Level::kChar, Level::kWord}) {
    expect_error<InputError>([&] { read(content, level); },
                             {file_.string() + ":2: byte 16 (0xE9)", "not UTF-8", "--level byte"});
  }
  EXPECT_EQ(read(content, Level::kByte).content, content);
}

TEST_F(ReadText, EmptyMissingAndFolderAreErrors) {
  expect_error<InputError>([&] { read("", Level::kByte); }, {file_.string(), "is empty"});
  expect_error<InputError>([&] { read_text(folder_.path() / "missing", Level::kChar); }, {"missing", "No such file"});
  expect_error<InputError>([&] { read_text(folder_.path(), Level::kChar); }, {folder_.path().string(), "directory"});
}

TEST(FirstInvalidByte, FollowsTheUnicodeStandard) {
  EXPECT_EQ(first_invalid_byte("plain, é, 日, \U0001F600"), std::nullopt);
  EXPECT_EQ(first_invalid_byte(""), std::nullopt);
  EXPECT_EQ(first_invalid_byte(std::string("a\0b", 3)), std::nullopt);
  // Lone continuation, overlong form, surrogate, beyond U+10FFFF, cut off at the end, and bytes that never occur.
  for (const std::string bad : {"\x80", "\xC0\xAF", "\xE0\x80\xAF", "\xED\xA0\x80", "\xF4\x90\x80\x80", "\xE6\x97",
                                "\xC3", "\xF0\x9F\x98", "\xFE", "\xFF"}) {
    EXPECT_EQ(first_invalid_byte("abc" + bad), 3u);
    EXPECT_EQ(first_invalid_byte("é" + bad + "z"), 2u);
  }
}

TEST(LineColumn, CountsCharactersFromOne) {
  const std::string text = "ab\nçé x\n";
  const auto expect_place = [&](std::size_t offset, std::size_t line, std::size_t column) {
    const LineColumn place = line_column(text, offset);
    EXPECT_EQ(place.line, line) << offset;
    EXPECT_EQ(place.column, column) << offset;
  };
  expect_place(0, 1, 1);
  expect_place(2, 1, 3);
  expect_place(3, 2, 1);
  expect_place(text.find('x'), 2, 4);
  expect_place(text.size(), 3, 1);
}

TEST(Level, HasANameBothWays) {
  for (const Level level : {Level::kByte, Level::kChar, Level::kWord, Level::kBpe}) {
    EXPECT_EQ(parse_level(level_name(level)), level);
  }
  EXPECT_EQ(level_name(Level::kChar), "char");
  expect_error<UsageError>([] { parse_level("chars"); },
                           {"'chars'", "byte, char, word or bpe", "did you mean 'char'?"});
}

TEST(CharacterCount, IsCodePointsOrBytes) {
  EXPECT_EQ(character_count("naïve 日本", Level::kChar), 8);
  EXPECT_EQ(character_count("naïve 日本", Level::kWord), 8);
  EXPECT_EQ(character_count("naïve 日本", Level::kByte), 13);
  EXPECT_EQ(character_count("", Level::kChar), 0);
}

}  // namespace
}  // namespace unfold
