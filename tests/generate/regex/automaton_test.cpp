// Regular expressions against std::regex, UTF-8, and what cannot be read.
#include "generate/regex/automaton.h"

#include <gtest/gtest.h>

#include <regex>

#include "base/expect_error.h"
#include "base/random.h"
#include "unfold/error.h"

namespace unfold::regex {
namespace {

bool matches(std::string_view expression, std::string_view text, Alphabet alphabet = Alphabet::kCodePoints) {
  Automaton automaton(expression, alphabet);
  Automaton::State state = automaton.start();
  for (const char byte : text) state = automaton.next(state, static_cast<unsigned char>(byte));
  return automaton.accepts(state);
}

TEST(Automaton, EveryConstruct) {
  EXPECT_TRUE(matches("abc", "abc"));
  EXPECT_FALSE(matches("abc", "abcd")) << "the whole text is matched";
  EXPECT_TRUE(matches("", ""));
  EXPECT_TRUE(matches("a|bc|", ""));
  EXPECT_TRUE(matches("a|bc|", "bc"));
  EXPECT_TRUE(matches("(ab)*", "ababab"));
  EXPECT_FALSE(matches("(ab)+", ""));
  EXPECT_TRUE(matches("colou?r", "color"));
  EXPECT_TRUE(matches("(?:ab){2,3}", "ababab"));
  EXPECT_FALSE(matches("(ab){2,3}", "ab"));
  EXPECT_FALSE(matches("a{2}", "aaa"));
  EXPECT_TRUE(matches("a{2,}", "aaaaa"));
  EXPECT_TRUE(matches("a{0}", ""));
  EXPECT_TRUE(matches("[a-c_-]+", "ab-_c"));
  EXPECT_FALSE(matches("[^a-c\\n]", "b"));
  EXPECT_TRUE(matches("[^a-c]", "d"));
  EXPECT_TRUE(matches("[\\d.]+", "3.14"));
  EXPECT_TRUE(matches("\\w\\s\\S\\D\\W", "_ x-+"));
  EXPECT_FALSE(matches(".", "\n"));
  EXPECT_TRUE(matches("\\.\\\\\\x41\\n\\t", ".\\A\n\t"));
  EXPECT_TRUE(matches("[\\]\\-]+", "]-"));
}

/// An expression that std::regex reads alike, over the letters a, b and c.
std::string random_expression(Random& random, int depth) {
  switch (depth == 0 ? random.below(4) : random.below(10)) {
    case 0: return "a";
    case 1: return "b";
    case 2: return "[ab]";
    case 3: return "[^a]";
    case 4: return "(" + random_expression(random, depth - 1) + "|" + random_expression(random, depth - 1) + ")";
    case 5: return "(" + random_expression(random, depth - 1) + ")*";
    case 6: return "(" + random_expression(random, depth - 1) + ")+";
    case 7: return "(" + random_expression(random, depth - 1) + ")?";
    case 8: return "(" + random_expression(random, depth - 1) + "){1,2}";
    default: return random_expression(random, depth - 1) + random_expression(random, depth - 1);
  }
}

TEST(Automaton, AgreesWithStdRegexOnAllShortTexts) {
  std::vector<std::string> texts = {""};
  for (std::size_t begin = 0, length = 0; length < 5; ++length) {
    const std::size_t end = texts.size();
    for (; begin < end; ++begin) {
      for (const char letter : {'a', 'b', 'c'}) texts.push_back(texts[begin] + letter);
    }
  }
  ASSERT_EQ(texts.size(), 1U + 3 + 9 + 27 + 81 + 243);
  Random random(7);
  for (int trial = 0; trial < 150; ++trial) {
    const std::string expression = random_expression(random, 3);
    const std::regex reference(expression);
    Automaton automaton(expression, trial % 2 == 0 ? Alphabet::kCodePoints : Alphabet::kBytes);
    for (const std::string& text : texts) {
      Automaton::State state = automaton.start();
      for (const char byte : text) state = automaton.next(state, static_cast<unsigned char>(byte));
      ASSERT_EQ(automaton.accepts(state), std::regex_match(text, reference)) << expression << " on '" << text << "'";
    }
  }
}

std::string utf8(std::uint32_t point) {
  std::string text;
  const auto add = [&](std::uint32_t byte) { text += static_cast<char>(byte); };
  if (point < 0x80) {
    add(point);
  } else if (point < 0x800) {
    add(0xC0 | (point >> 6)), add(0x80 | (point & 63));
  } else if (point < 0x10000) {
    add(0xE0 | (point >> 12)), add(0x80 | ((point >> 6) & 63)), add(0x80 | (point & 63));
  } else {
    add(0xF0 | (point >> 18)), add(0x80 | ((point >> 12) & 63)), add(0x80 | ((point >> 6) & 63)),
        add(0x80 | (point & 63));
  }
  return text;
}

TEST(Automaton, RangesOfCodePointsAreExact) {
  // Every code point against ranges whose ends lie on both sides of each length of the encoding.
  const std::vector<Range> ranges = {{0x61, 0x7A},     {0x7F, 0x80},      {0x3B1, 0x3C9},     {0x7FF, 0x800},
                                     {0xD7F0, 0xE010}, {0xFFF0, 0x1000F}, {0x1F600, 0x1F64F}, {0x10FF00, 0x10FFFF}};
  std::string set, negated;
  for (const Range& range : ranges) {
    const auto end = [](std::uint32_t point) {
      return point < 0x80 ? "\\x" + std::string(point == 0x7F ? "7F" : point == 0x61 ? "61" : "7A") : utf8(point);
    };
    set += end(range.first) + "-" + end(range.last);
  }
  Automaton inside("[" + set + "]", Alphabet::kCodePoints), outside("[^" + set + "]", Alphabet::kCodePoints);
  const auto accepts = [](Automaton& automaton, const std::string& text) {
    Automaton::State state = automaton.start();
    for (const char byte : text) state = automaton.next(state, static_cast<unsigned char>(byte));
    return automaton.accepts(state);
  };
  for (std::uint32_t point = 0; point <= 0x10FFFF; ++point) {
    if (point >= 0xD800 && point <= 0xDFFF) continue;
    bool expected = false;
    for (const Range& range : ranges) expected = expected || (point >= range.first && point <= range.last);
    ASSERT_EQ(accepts(inside, utf8(point)), expected) << std::hex << point;
    ASSERT_EQ(accepts(outside, utf8(point)), !expected) << std::hex << point;
  }
  EXPECT_FALSE(accepts(outside, "\xED\xA0\x80")) << "a surrogate is no character";
  EXPECT_FALSE(accepts(outside, "\xC0\x80")) << "an overlong encoding neither";
}

TEST(Automaton, CharactersAreBytesAtByteLevel) {
  EXPECT_TRUE(matches(".", "\xE9", Alphabet::kBytes));
  EXPECT_FALSE(matches(".", "\u00E9", Alphabet::kBytes)) << "two bytes";
  EXPECT_TRUE(matches("\u00E9", "\u00E9", Alphabet::kBytes));
  EXPECT_TRUE(matches("\\xE9[^\\x00-\\x7F]", "\xE9\xEA", Alphabet::kBytes));
  EXPECT_TRUE(matches("\\xE9", "\u00E9", Alphabet::kCodePoints));
  EXPECT_TRUE(matches("na\u00EFve.\U0001F600?", "na\u00EFve\u03C0\U0001F600"));
}

TEST(Automaton, WhatCannotBeReadIsShown) {
  const auto refused = [](const std::string& expression, const std::string& reason) {
    expect_error<UsageError>([&] { Automaton(expression, Alphabet::kCodePoints); }, {reason});
  };
  refused("a(b", "'(' is never closed\n  a(b\n   ^");
  refused("ab)", "')' closes nothing");
  refused("[ab", "'[' is never closed");
  refused("[]", "empty");
  refused("[b-a]", "backwards");
  refused("[\\d-z]", "from one character to another");
  refused("*a", "nothing to repeat");
  refused("a**", "repetition of a repetition");
  refused("a+?", "lazy");
  refused("a{2,1}", "less than the first");
  refused("a{2", "expected {m}");
  refused("a{1001}", "more than 1000");
  refused("^a", "leave '^' out");
  refused("a$", "leave '$' out");
  refused("(?=a)", "only (?:...)");
  refused("\\1", "means nothing");
  refused("a\\", "at the end");
  refused("\\xg0", "hexadecimal");
  refused("\u00E9[", "\n  \u00E9[\n   ^");
  refused("((((x?){1000}){1000}){1000}){1000}", "too large");
  refused("((((){1000}){1000}){1000}){1000}", "too large");
  refused(std::string(1000, '('), "groups within each other");
  expect_error<UsageError>([] { Automaton("[\u00E9]", Alphabet::kBytes); }, {"bytes"});
}

TEST(Automaton, ExponentialExpressionsCostWhatTextsMeet) {
  // As a table of all states it would have 2^40.
  EXPECT_TRUE(matches("(a|b)*a(a|b){40}", "bba" + std::string(40, 'b')));
  EXPECT_FALSE(matches("(a|b)*a(a|b){40}", std::string(60, 'b')));
}

}  // namespace
}  // namespace unfold::regex
