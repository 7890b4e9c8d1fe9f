#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <zlib.h>

#include <filesystem>
#include <string>
#include <vector>

#include "base/expect_error.h"
#include "base/file.h"
#include "base/temporary_folder.h"
#include "unfold/error.h"
#include "unfold/text.h"

namespace unfold {
namespace {

namespace fs = std::filesystem;
using Names = std::vector<std::string>;
using ::testing::ElementsAre;

class TextFiles : public ::testing::Test {
 protected:
  std::string make(const std::string& name, const std::string& content = "text") const {
    fs::create_directories((folder_.path() / name).parent_path());
    write_atomically(folder_.path() / name, content);
    return at(name);
  }
  std::string at(const std::string& name) const { return (folder_.path() / name).string(); }

  const TemporaryFolder folder_;
};

TEST_F(TextFiles, AreNamedInTheOrderGiven) {
  EXPECT_THAT(text_files(Names{at("z"), "-", at("a")}), ElementsAre(at("z"), "-", at("a")));
}

TEST_F(TextFiles, OfAFolderAreSortedAndHiddenOnesLeftOut) {
  for (const char* name : {"tree/b.c", "tree/a/x.c", "tree/a/y.h", "tree/a.c", "tree/.git/config", "tree/.hidden"}) {
    make(name);
  }
  EXPECT_THAT(text_files(Names{at("tree")}),
              ElementsAre(at("tree/a.c"), at("tree/a/x.c"), at("tree/a/y.h"), at("tree/b.c")));
  EXPECT_THAT(text_files(Names{at("tree")}, "*.h"), ElementsAre(at("tree/a/y.h")));
  EXPECT_THAT(text_files(Names{at("tree")}, "b*,*.h"), ElementsAre(at("tree/a/y.h"), at("tree/b.c")));
  expect_error<InputError>([&] { text_files(Names{at("tree")}, "*.py"); }, {at("tree"), "'*.py'", "no file"});
}

TEST_F(TextFiles, OfAPatternAreSorted) {
  for (const char* name : {"part2.txt", "part10.txt", "part1.txt", "other"}) make(name);
  EXPECT_THAT(text_files(Names{at("part*.txt")}), ElementsAre(at("part1.txt"), at("part10.txt"), at("part2.txt")));
  EXPECT_THAT(text_files(Names{at("part?.txt")}), ElementsAre(at("part1.txt"), at("part2.txt")));
  expect_error<InputError>([&] { text_files(Names{at("*.md")}); }, {"no file matches", "*.md"});
  make("odd[1].txt");
  EXPECT_THAT(text_files(Names{at("odd[1].txt")}), ElementsAre(at("odd[1].txt"))) << "a file of that very name";
}

TEST_F(TextFiles, ReadTheStandardInputOnce) {
  expect_error<UsageError>([] { text_files(Names{"-", "-"}); }, {"only once"});
}

class Compressed : public TextFiles {
 protected:
  std::string compress(const std::string& name, const std::string& content) const {
    gzFile file = gzopen(at(name).c_str(), "wb");
    gzwrite(file, content.data(), static_cast<unsigned>(content.size()));
    gzclose(file);
    return at(name);
  }
  const std::string text_ = [] {
    std::string text;
    for (int i = 0; i < 200'000; ++i) text += std::to_string(i * 7919) + " é\n";  // more than one chunk of reading
    return text;
  }();
};

TEST_F(Compressed, TextsAreThoseOfThePlainFile) {
  EXPECT_EQ(read_text(compress("a.gz", text_), Level::kChar).content, text_);
  EXPECT_EQ(read_text(compress("small.gz", "x"), Level::kByte).content, "x");
}

TEST_F(Compressed, DamageIsNoticed) {
  const std::string whole = read_file(compress("a.gz", text_));
  for (const std::size_t size : {whole.size() - 1, whole.size() / 2, std::size_t{20}}) {
    const std::string cut = make("cut.gz", whole.substr(0, size));
    expect_error<InputError>([&] { read_text(cut, Level::kByte); }, {cut, "damaged or cut off"});
  }
  std::string changed = whole;
  changed[changed.size() / 2] = static_cast<char>(changed[changed.size() / 2] ^ 0x10);
  const std::string file = make("changed.gz", changed);
  EXPECT_THROW(read_text(file, Level::kByte), InputError);
  const std::string plain = make("plain.gz", "plain text");
  expect_error<InputError>([&] { read_text(plain, Level::kByte); }, {plain, "not in gzip format"});
}

}  // namespace
}  // namespace unfold
