// Corpora against what the definitions say, worked out on whole texts in memory.
#include "unfold/corpus.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include "base/expect_error.h"
#include "base/file.h"
#include "base/temporary_folder.h"
#include "base/thread_count_kept.h"
#include "data/random_text.h"
#include "unfold/error.h"

namespace unfold {
namespace {

namespace fs = std::filesystem;
using Ids = std::vector<std::int32_t>;
using ::testing::ElementsAre;

class CorpusTest : public ::testing::Test {
 protected:
  std::string make(const std::string& name, const std::string& content) const {
    write_atomically(folder_.path() / name, content);
    return (folder_.path() / name).string();
  }
  fs::path run(const std::string& name = "run") const { return folder_.path() / name; }

  CorpusOptions options(std::vector<std::string> data, Level level = Level::kChar) const {
    CorpusOptions result{.data = std::move(data)};
    result.level = level;
    if (level == Level::kBpe) result.vocabulary.max_size = 300;
    return result;
  }

  const TemporaryFolder folder_;
};

std::string training_text(const Corpus& corpus) { return corpus.vocabulary.decode(corpus.train.all()); }
std::string held_out_text(const Corpus& corpus) { return corpus.vocabulary.decode(corpus.valid.all()); }

TEST_F(CorpusTest, OfOneFileHoldsOutItsEnd) {
  const std::string text = random_text(1, 3000);
  for (const Level level : {Level::kByte, Level::kChar, Level::kWord}) {
    const Corpus corpus = make_corpus(options({make("a.txt", text)}, level), run());
    const Ids all = Vocabulary::build(text, level).encode(text);
    const Split split = split_tail(all, 0.1);
    EXPECT_EQ(corpus.train.size(), static_cast<Index>(split.train.size()));
    EXPECT_EQ(corpus.valid.size(), static_cast<Index>(split.valid.size()));
    if (level != Level::kWord) {
      EXPECT_EQ(training_text(corpus) + held_out_text(corpus), text);
    }
  }
}

TEST_F(CorpusTest, OfPiecesIsTheTextAgain) {
  const std::string text = random_text(2, 3000);
  const Corpus corpus = make_corpus(options({make("a.txt", text)}, Level::kBpe), run());
  EXPECT_EQ(training_text(corpus) + held_out_text(corpus), text);
  EXPECT_EQ(corpus.vocabulary.encode(training_text(corpus)), corpus.train.all());
}

TEST_F(CorpusTest, BuildsItsVocabularyFromTheTrainingPartAlone) {
  const std::string text = std::string(90, 'a') + "bbbbb" + "zzzzz";
  const Corpus corpus = make_corpus(options({make("a.txt", text)}), run());
  EXPECT_EQ(corpus.vocabulary.size(), 2) << "a, and the unknown character for b and z";
  EXPECT_EQ(corpus.unknown, 10);
  EXPECT_EQ(held_out_text(corpus), "\uFFFD\uFFFD\uFFFD\uFFFD\uFFFD\uFFFD\uFFFD\uFFFD\uFFFD\uFFFD");
  CorpusOptions two = options({make("b.txt", "to be or not to be")}, Level::kWord);
  two.valid = {make("c.txt", "to see")};
  const Corpus words = make_corpus(two, run());
  EXPECT_EQ(words.vocabulary.unknown(), 0);
  EXPECT_EQ(held_out_text(words), "to <unk>");
  EXPECT_EQ(training_text(words), "to be or not to be");
  two.valid = {make("d.txt", "not to be")};
  EXPECT_EQ(make_corpus(two, run()).vocabulary.unknown(), std::nullopt);
}

TEST_F(CorpusTest, IsTheSameForAnyNumberOfThreads) {
  const std::string file = make("a.txt", random_text(3, 700'000));  // more than one chunk
  ASSERT_GT(fs::file_size(file), 1u << 20);
  const ThreadCountKept kept;
  for (const Level level : {Level::kByte, Level::kChar, Level::kWord, Level::kBpe}) {
    for (const Division& division : {Division{}, Division{Division::Kind::kLines}}) {
      std::vector<std::string> files;
      for (const int threads : {1, 3}) {
        set_thread_count(threads);
        CorpusOptions chosen = options({file}, level);
        chosen.vocabulary.division = division;
        make_corpus(chosen, run());
        files.push_back(read_file(run() / "train.tokens") + read_file(run() / "valid.tokens") +
                        read_file(run() / "text.json"));
      }
      EXPECT_EQ(files[0], files[1]) << level_name(level);
    }
  }
}

TEST_F(CorpusTest, OfDocumentsHasABoundaryAroundEach) {
  CorpusOptions two = options({make("a", "abab"), make("empty", ""), make("b", "ba")});
  two.valid = {make("c", "aaa"), make("d", "b")};
  two.vocabulary.division = {Division::Kind::kDocuments};
  const Corpus files = make_corpus(two, run());
  EXPECT_EQ(files.vocabulary.boundary(), 2);
  EXPECT_THAT(files.train.all(), ElementsAre(2, 0, 1, 0, 1, 2, 1, 0, 2));
  EXPECT_THAT(files.valid.all(), ElementsAre(2, 0, 0, 0, 2, 1, 2));
  CorpusOptions separated = options({make("e", "##ab##b####a##")});
  separated.valid = {make("f", "a##a")};
  separated.vocabulary.division = {Division::Kind::kDocuments, "##"};
  const Corpus parts = make_corpus(separated, run());
  EXPECT_THAT(parts.train.all(), ElementsAre(2, 0, 1, 2, 1, 2, 0, 2));
  EXPECT_THAT(parts.valid.all(), ElementsAre(2, 0, 2, 0, 2));
}

TEST_F(CorpusTest, HoldsOutWholeDocumentsWhereOneEndsNearby) {
  std::vector<std::string> names;
  for (int i = 0; i < 50; ++i) names.push_back(make("d" + std::to_string(100 + i), random_text(90 + i, 40) + "x"));
  CorpusOptions many = options(names);
  many.vocabulary.division = {Division::Kind::kDocuments};
  const Corpus corpus = make_corpus(many, run());
  const std::int32_t boundary = *corpus.vocabulary.boundary();
  EXPECT_EQ(corpus.train.all().front(), boundary);
  EXPECT_EQ(corpus.train.all().back(), boundary);
  EXPECT_EQ(corpus.valid.all().front(), boundary);
  EXPECT_EQ(corpus.valid.all().back(), boundary);
  const double share =
      static_cast<double>(corpus.valid.size()) / static_cast<double>(corpus.train.size() + corpus.valid.size());
  EXPECT_NEAR(share, 0.1, 0.05);
}

std::set<std::string> lines_of(const Corpus& corpus, const Tokens& tokens) {
  std::set<std::string> lines;
  std::string line;
  for (const std::int32_t token : tokens.all()) {
    if (token != corpus.vocabulary.boundary()) {
      line += corpus.vocabulary.symbol(token);
    } else if (!line.empty()) {
      EXPECT_TRUE(lines.insert(line).second) << "twice: " << line;
      line.clear();
    }
  }
  return lines;
}

TEST_F(CorpusTest, OfLinesHoldsOutSomeByHashAndNoneTwice) {
  std::set<std::string> all;
  std::string text;
  for (int i = 0; i < 5000; ++i) {
    const std::string line = "line" + std::to_string(i % 3000);
    all.insert(line);
    text += line + (i % 7 == 0 ? "\n\n" : "\n");
  }
  CorpusOptions lines = options({make("a", text)});
  lines.vocabulary.division = {Division::Kind::kLines};
  const Corpus corpus = make_corpus(lines, run());
  const std::set<std::string> train = lines_of(corpus, corpus.train);
  const std::set<std::string> valid = lines_of(corpus, corpus.valid);
  std::set<std::string> both = train;
  both.insert(valid.begin(), valid.end());
  EXPECT_EQ(both, all);
  EXPECT_EQ(train.size() + valid.size(), all.size()) << "no line is in both parts";
  EXPECT_NEAR(static_cast<double>(valid.size()), 300, 4 * std::sqrt(300 * 0.9)) << "four deviations";
  // A line's part depends on the line alone.
  lines.data = {make("b", "another\n" + text.substr(0, text.size() / 2))};
  const Corpus half = make_corpus(lines, run("half"));
  for (const std::string& line : lines_of(half, half.valid)) EXPECT_TRUE(line == "another" || valid.contains(line));
}

TEST_F(CorpusTest, IsReopenedWhileTheTextIsTheSame) {
  const std::string file = make("a.txt", random_text(4, 2000));
  const CorpusOptions chosen = options({file});
  const Corpus made = make_corpus(chosen, run());
  const auto same = [&](const Corpus& corpus) {
    EXPECT_EQ(corpus.vocabulary, made.vocabulary);
    EXPECT_EQ(corpus.checksum, made.checksum);
    EXPECT_EQ(corpus.train.all(), made.train.all());
    EXPECT_EQ(corpus.valid.all(), made.valid.all());
  };
  same(open_corpus(chosen, run()));
  fs::last_write_time(file, fs::last_write_time(file) - std::chrono::hours(1));
  same(open_corpus(chosen, run()));  // touched, not changed
  std::string text = read_file(file);
  std::swap(text[5], text[6]);
  text[7] = text[7] == 'x' ? 'y' : 'x';
  write_atomically(file, text);
  expect_error<InputError>([&] { open_corpus(chosen, run()); }, {file, "not the one that this run learnt from"});
}

TEST_F(CorpusTest, IsMadeAgainWhereItIsDamaged) {
  const CorpusOptions chosen = options({make("a.txt", random_text(5, 2000))});
  const Corpus made = make_corpus(chosen, run());
  const std::string tokens = read_file(run() / "train.tokens");
  for (const char* name : {"train.tokens", "valid.tokens", "text.json"}) {
    const std::string whole = read_file(run() / name);
    write_atomically(run() / name, whole.substr(0, whole.size() / 2));
    const Corpus again = open_corpus(chosen, run());
    EXPECT_EQ(again.train.all(), made.train.all()) << name;
    EXPECT_EQ(again.checksum, made.checksum);
    fs::remove(run() / name);
    EXPECT_EQ(open_corpus(chosen, run()).valid.all(), made.valid.all()) << name;
  }
  // Another text's tokens are sound by themselves, but not those of text.json.
  make_corpus(options({make("b.txt", random_text(6, 2000))}), run("other"));
  fs::copy_file(run("other") / "train.tokens", run() / "train.tokens", fs::copy_options::overwrite_existing);
  EXPECT_EQ(open_corpus(chosen, run()).train.all(), made.train.all());
  EXPECT_EQ(read_file(run() / "train.tokens"), tokens);
}

TEST_F(CorpusTest, NamesFileLineAndByteOfBadText) {
  std::string text = random_text(7, 400'000);
  const auto lines = 1 + std::count(text.begin(), text.end(), '\n');
  const std::string size = std::to_string(text.size());
  const std::string file = make("bad.txt", text + "\xFF more");
  expect_error<InputError>(
      [&] {
        make_corpus(options({make("good.txt", "good"), file}), run());
      },
      {file + ":" + std::to_string(lines) + ": byte " + size + " (0xFF)", "--level byte"});
  EXPECT_FALSE(fs::exists(run())) << "nothing is left behind";
}

TEST_F(CorpusTest, RefusesWhatIsTooShort) {
  const auto make_of = [&](const std::string& text) { make_corpus(options({make("a", text)}), run()); };
  expect_error<InputError>([&] { make_of(""); }, {"a' is empty"});
  expect_error<InputError>([&] { make_of("abcdefghi"); }, {"too short to hold out 10 %", "found 8 and 1"});
  CorpusOptions two = options({make("a", "abcdefg")});
  two.valid = {make("b", "x")};
  expect_error<InputError>([&] { make_corpus(two, run()); }, {"/b: ", "too short", "found 1"});
  CorpusOptions lines = options({make("a", "one")});
  lines.vocabulary.division = {Division::Kind::kLines};
  lines.held_out = 1e-9;
  expect_error<InputError>([&] { make_corpus(lines, run()); }, {"no line is held out"});
  lines.held_out = 1;
  EXPECT_THROW(make_corpus(lines, run()), UsageError);
  EXPECT_FALSE(fs::exists(run()));
}

TEST_F(CorpusTest, EncodesFilesAsTheirVocabularySays) {
  const std::string text = random_text(8, 60'000);
  for (const Level level : {Level::kByte, Level::kChar, Level::kWord, Level::kBpe}) {
    CorpusOptions chosen = options({make("a", text)}, level);
    chosen.valid = {make("b", "a\nb a")};
    for (const auto kind : {Division::Kind::kWhole, Division::Kind::kDocuments, Division::Kind::kLines}) {
      chosen.vocabulary.division = {kind};
      const Corpus corpus = make_corpus(chosen, run());
      const EncodedText encoded = encode_files(chosen.data, {}, corpus.vocabulary);
      EXPECT_EQ(encoded.tokens.all(), corpus.train.all()) << level_name(level);
      const auto separators = kind == Division::Kind::kLines ? std::count(text.begin(), text.end(), '\n') : 0;
      EXPECT_EQ(encoded.characters, character_count(text, level) - separators);
    }
  }
  const Vocabulary few = Vocabulary::build("ab\n", Level::kChar);
  const std::vector<std::string> files = {make("c", std::string(3'000'000, 'a') + "\n\nabz")};
  expect_error<InputError>([&] { encode_files(files, {}, few); }, {files[0] + ":3:3:", "'z'"});
}

}  // namespace
}  // namespace unfold
