// ARPA files: a model read back answers as the one that was written, and what is malformed is refused with its line.
#include "unfold/arpa.h"

#include <gtest/gtest.h>

#include <numeric>

#include "base/expect_error.h"
#include "base/file.h"
#include "base/random.h"
#include "base/temporary_folder.h"
#include "unfold/error.h"

namespace unfold {
namespace {

using Tokens = std::vector<std::int32_t>;

constexpr std::int32_t kVocabulary = 5;
constexpr double kPrinted = 1e-7;  // nine digits of log10 p, relative to p and multiplied through a few back-offs

const std::vector<std::string> kWords = {"a", "b", "c", "never", "end"};

/// The boundary, if it may occur, is the last token; the one before it never occurs.
Tokens random_text(std::uint64_t seed, std::size_t length, bool with_boundary) {
  Random random(seed);
  Tokens tokens(length);
  for (auto& token : tokens) {
    token = static_cast<std::int32_t>(random.below(1 + random.below(3)));
    if (with_boundary && random.below(6) == 0) token = kVocabulary - 1;
  }
  return tokens;
}

struct ArpaTest : testing::Test {
  const TemporaryFolder temporary;
  const std::filesystem::path file = temporary.path() / "model.arpa";

  ArpaModel written_and_read(const NGram& model) const {
    save_arpa(file, model, kWords, "a remark");
    return parse_arpa(read_file(file), file.string());
  }
};

TEST_F(ArpaTest, ReadsBackWhatItWrote) {
  for (const Smoothing smoothing : {Smoothing::kWittenBell, Smoothing::kKneserNey, Smoothing::kMaximumLikelihood}) {
    for (const bool divided : {false, true}) {
      for (const int order : {1, 2, 4, 20}) {
        NGramOptions options{.order = order, .smoothing = smoothing};
        if (divided) options.boundary = kVocabulary - 1;
        const NGram model = NGram::train(random_text(1, 120, divided), kVocabulary, options);
        const ArpaModel read = written_and_read(model);
        EXPECT_EQ(read.model.order(), order);
        EXPECT_EQ(read.model.vocabulary_size(), kVocabulary);
        EXPECT_EQ(read.model.boundary(), model.boundary());
        EXPECT_EQ(read.remarks, std::vector<std::string>{" a remark"});
        EXPECT_EQ(read.words.front(), "a");
        EXPECT_EQ(read.words.back(), divided ? "</s>" : "end");
        const Tokens other = random_text(2, 60, divided);
        std::vector<double> p(kVocabulary);
        std::vector<double> q(kVocabulary);
        for (std::size_t length = 0; length < other.size(); ++length) {
          const auto context = std::span(other).first(length);
          model.probabilities(context, p);
          read.model.probabilities(context, q);
          for (std::int32_t token = 0; token < kVocabulary; ++token) {
            const auto t = static_cast<std::size_t>(token);
            ASSERT_NEAR(q[t], p[t], kPrinted * p[t]) << order;
            ASSERT_NEAR(read.model.probability(context, token), p[t], kPrinted * p[t]);
          }
        }
      }
    }
  }
}

TEST_F(ArpaTest, WritesTheFormatOfOthers) {
  // As worked by hand in ngram_test.cpp: "aab" with V = 3, Witten-Bell.
  save_arpa(file, NGram::train(Tokens{0, 0, 1}, 3, {.order = 2}), std::vector<std::string>{"a", "b", "c"}, "");
  // log10 of 8/15, 5/15, 2/15; after a, (31, 25)/60 with 2/4 left to the unigrams; after b nothing was seen.
  EXPECT_EQ(read_file(file),
            "\\data\\\nngram 1=5\nngram 2=2\n\n"
            "\\1-grams:\n-0.273001272\ta\t-0.301029996\n-0.477121255\tb\n-0.875061263\tc\n-99\t<s>\n-99\t</s>\n\n"
            "\\2-grams:\n-0.286789557\ta a\n-0.380211242\ta b\n\n\\end\\\n");
}

TEST_F(ArpaTest, WritesSentencesWithTheirMarkers) {
  // Two lines "a" and "b": <s> a </s>, <s> b </s>.
  const NGram model = NGram::train(Tokens{0, 2, 1, 2}, 3, {.order = 2, .boundary = 2});
  save_arpa(file, model, std::vector<std::string>{"a", "b", "line end"}, "");
  const std::string text = read_file(file);
  for (const char* ngram : {"\t<s> a\n", "\t<s> b\n", "\ta </s>\n", "\tb </s>\n", "-99\t<s>\t-0.301029996\n"}) {
    EXPECT_NE(text.find(ngram), std::string::npos) << ngram << text;
  }
}

TEST(ArpaWord, KeepsWhatAReaderWouldSplitOrTakeForAMarker) {
  EXPECT_EQ(arpa_word("word", false), "word");
  EXPECT_EQ(arpa_word(" ", false), "%20");
  EXPECT_EQ(arpa_word("\n", false), "%0A");
  EXPECT_EQ(arpa_word("%", false), "%25");
  EXPECT_EQ(arpa_word("\xC3\xA9", false), "\xC3\xA9");
  EXPECT_EQ(arpa_word("\xC3", true), "%C3");
  EXPECT_EQ(arpa_word("<s>", false), "%3Cs>");
  EXPECT_EQ(arpa_word("<unk>", false), "<unk>");
}

/// Written by hand in the manner of others: spaces for tabs, a log-probability of -inf, sections in order.
constexpr const char* kForeign = R"(
\data\
ngram 1=5
ngram  2=3

\1-grams:
-99	<s>	-0.30103
-0.30103	</s>
-0.60206	one	-0.60206
-1.0	<unk>
-inf	never

\2-grams:
-0.30103	<s> one
-0.1 one one
-0.30103	one </s>

\end\
)";

TEST(ArpaRead, TakesFilesOfOthers) {
  ASSERT_TRUE(is_arpa(kForeign));
  const ArpaModel read = parse_arpa(kForeign, "foreign.arpa");
  ASSERT_EQ(read.words, (std::vector<std::string>{"<unk>", "one", "never", "</s>"}));
  const std::int32_t end = 3;
  EXPECT_EQ(read.model.boundary(), end);
  EXPECT_NEAR(read.model.probability(Tokens{end}, 1), 0.5, 1e-5) << "<s> one";
  EXPECT_NEAR(read.model.probability(Tokens{end}, 0), 0.5 * 0.1, 1e-5) << "backs off from <s>";
  EXPECT_NEAR(read.model.probability(Tokens{1}, 0), 0.25 * 0.1, 1e-5) << "backs off from one";
  EXPECT_NEAR(read.model.probability(Tokens{0}, end), 0.5, 1e-5) << "a context that is not listed";
  EXPECT_EQ(read.model.probability(Tokens{1}, 2), 0);
}

TEST(ArpaRead, RefusesWhatIsMalformed) {
  const auto expect_fault = [](const std::string& from, const std::string& to, const std::string& message) {
    std::string text = kForeign;
    const std::size_t place = text.find(from);
    ASSERT_NE(place, std::string::npos);
    text.replace(place, from.size(), to);
    expect_error<InputError>([&] { parse_arpa(text, "f.arpa"); }, {"f.arpa:", message});
  };
  expect_fault("-0.1 one one", "-0.1x one one", "15: expected a number, found '-0.1x'");
  expect_fault("-0.1 one one", "0.1 one one", "15: log10 p is 0.1, above 0");
  expect_fault("-0.1 one one", "-0.1 one two", "15: 'two' is not among the unigrams");
  expect_fault("-0.1 one one", "-0.1 never one one one", "15: expected log10 p, 2 words");
  expect_fault("-0.1 one one", "-0.30103 <s> one", "18: the section before this line lists an n-gram twice");
  expect_fault("-0.1 one one\n", "", "17: the header says 3 2-grams, found 2");
  expect_fault("never", "one", "11: 'one' occurs twice");
  expect_fault("ngram  2=3", "ngram 3=3", "4: expected the count of 2-grams");
  expect_fault("ngram 1=5", "ngram 1=five", "3: expected a whole number, found 'five'");
  expect_fault("\\2-grams:", "\\3-grams:", "13: expected \\2-grams:, found '\\3-grams:'");
  expect_fault("\\end\\", "", "the file ends before \\end\\");
  expect_fault("\\end\\", "\\3-grams:", "18: expected \\end\\");
  expect_fault("\\data\\", "data", "expected \\data\\");
  expect_error<InputError>([] { parse_arpa("", "f.arpa"); }, {"f.arpa:0: expected \\data\\"});
}

TEST(ArpaRead, KnowsItsOwnKind) {
  EXPECT_TRUE(is_arpa("\\data\\\n"));
  EXPECT_TRUE(is_arpa("# a remark\n\n\\data\\\n"));
  EXPECT_FALSE(is_arpa("some text\n\\data\\\n"));
  EXPECT_FALSE(is_arpa(""));
}

}  // namespace
}  // namespace unfold
