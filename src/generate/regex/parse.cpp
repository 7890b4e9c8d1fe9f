// Recursive descent over
//
//   choice   = sequence { '|' sequence }
//   sequence = { atom [ '*' | '+' | '?' | '{' least [ ',' [ most ] ] '}' ] }
//   atom     = '(' [ '?:' ] choice ')' | '[' [ '^' ] { range } ']' | '.' | '\' escape | character
#include "generate/regex/parse.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <string>

#include "data/text/utf8.h"
#include "unfold/error.h"

namespace unfold::regex {

namespace {

constexpr int kMostRepetitions = 1000;
constexpr int kDeepest = 200;  // groups within groups

using Ranges = std::vector<Range>;

bool is_digit(char character) { return character >= '0' && character <= '9'; }

std::optional<std::uint32_t> hexadecimal(std::string_view digits) {
  std::uint32_t value = 0;
  for (const char digit : digits) {
    const std::string_view all = "0123456789abcdef";
    const std::size_t place = all.find(static_cast<char>(digit >= 'A' && digit <= 'F' ? digit - 'A' + 'a' : digit));
    if (place == std::string_view::npos) return std::nullopt;
    value = value * 16 + static_cast<std::uint32_t>(place);
  }
  return value;
}

class Parser {
 public:
  Parser(std::string_view expression, Alphabet alphabet) : text_(expression), alphabet_(alphabet) {}

  Node whole() {
    Node node = choice();
    if (!at_end()) fail(at_, "')' closes nothing; write '\\)' for the character");
    return node;
  }

 private:
  bool at_end() const { return at_ == text_.size(); }
  bool next_is(char character) const { return !at_end() && text_[at_] == character; }
  bool take(char character) {
    if (!next_is(character)) return false;
    ++at_;
    return true;
  }

  [[noreturn]] void fail(std::size_t place, std::string_view reason) const {
    const std::size_t column = line_column(text_, place).column;
    throw UsageError(fmt::format("the expression cannot be read: {}\n  {}\n  {:>{}}", reason, text_, '^', column));
  }

  Node choice() {
    if (++depth_ > kDeepest) fail(at_, fmt::format("more than {} groups within each other", kDeepest));
    Node node{.kind = Node::Kind::kChoice};
    do {
      node.children.push_back(sequence());
    } while (take('|'));
    --depth_;
    return node.children.size() == 1 ? Node(std::move(node.children.front())) : node;
  }

  Node sequence() {
    Node node;
    while (!at_end() && !next_is('|') && !next_is(')')) node.children.push_back(repeated(atom()));
    return node;
  }

  Node repeated(Node once) {
    Node node{.kind = Node::Kind::kRepeat, .most = kUnbounded};
    const std::size_t sign = at_;
    if (take('*')) {
    } else if (take('+')) {
      node.least = 1;
    } else if (take('?')) {
      node.most = 1;
    } else if (take('{')) {
      bounds(node, sign);
    } else {
      return once;
    }
    if (next_is('*') || next_is('+') || next_is('?') || next_is('{')) {
      fail(at_,
           "a repetition of a repetition; the whole text is matched, so there is no lazy or possessive kind: put "
           "the inner one into ( )");
    }
    node.children.push_back(std::move(once));
    return node;
  }

  void bounds(Node& node, std::size_t sign) {
    node.least = number();
    node.most = node.least;
    if (take(',')) node.most = next_is('}') ? kUnbounded : number();
    if (!take('}')) fail(sign, "expected {m}, {m,} or {m,n}; write '\\{' for the character");
    if (node.most != kUnbounded && node.most < node.least) fail(sign, "the second number is less than the first");
  }

  int number() {
    const std::size_t begin = at_;
    int value = 0;
    while (!at_end() && is_digit(text_[at_]) && value <= kMostRepetitions) value = value * 10 + (text_[at_++] - '0');
    if (at_ == begin) fail(begin, "expected a number of repetitions");
    if (value > kMostRepetitions) fail(begin, fmt::format("more than {} repetitions", kMostRepetitions));
    return value;
  }

  Node atom() {
    const std::size_t begin = at_;
    switch (text_[at_]) {
      case '(': return group();
      case '[': return characters(set());
      case '.': ++at_; return characters(complement({{'\n', '\n'}}, alphabet_));
      case '\\': return characters(escape());
      case '*':
      case '+':
      case '?':
      case '{': fail(begin, fmt::format("nothing to repeat; write '\\{}' for the character", text_[begin]));
      case '^':
      case '$':
        fail(begin, fmt::format("the whole text is matched: leave '{0}' out, or write '\\{0}' for the character",
                                text_[begin]));
      default: {
        const std::uint32_t character = plain();
        return characters({{character, character}});
      }
    }
  }

  Node characters(const Ranges& ranges) const { return one_of(ranges, alphabet_); }

  Node group() {
    const std::size_t begin = at_++;
    if (take('?') && !take(':')) fail(begin, "of the groups with '?' only (?:...) is understood");
    Node node = choice();
    if (!take(')')) fail(begin, "'(' is never closed");
    return node;
  }

  Ranges set() {
    const std::size_t begin = at_++;
    const bool negated = take('^');
    Ranges ranges;
    while (!take(']')) {
      if (at_end()) fail(begin, "'[' is never closed");
      const std::size_t place = at_;
      Ranges low = next_is('\\') ? escape() : one(plain_in_set());
      const bool is_range = next_is('-') && at_ + 1 < text_.size() && text_[at_ + 1] != ']';
      if (is_range) {
        ++at_;
        const Ranges high = next_is('\\') ? escape() : one(plain_in_set());
        if (!is_one(low) || !is_one(high)) fail(place, "a range leads from one character to another");
        if (high.front().first < low.front().first) fail(place, "the range runs backwards");
        low.front().last = high.front().first;
      }
      ranges.insert(ranges.end(), low.begin(), low.end());
    }
    if (ranges.empty()) fail(begin, "the set is empty; write '\\]' for the character ']'");
    return negated ? complement(std::move(ranges), alphabet_) : ranges;
  }

  static Ranges one(std::uint32_t character) { return {{character, character}}; }
  static bool is_one(const Ranges& ranges) { return ranges.size() == 1 && ranges[0].first == ranges[0].last; }

  std::uint32_t plain_in_set() {
    if (alphabet_ == Alphabet::kBytes && static_cast<unsigned char>(text_[at_]) > 0x7F) {
      fail(at_, "the model reads bytes, and this character is several; write (a|b) instead of [ab], or \\xHH");
    }
    return plain();
  }

  /// The character at the cursor, whatever it is: a byte, or a code point.
  std::uint32_t plain() {
    if (alphabet_ == Alphabet::kBytes) return static_cast<unsigned char>(text_[at_++]);
    const auto point = code_point_at(text_, at_);
    if (!point) fail(at_, "the expression is not UTF-8");
    at_ += point->length;
    return static_cast<std::uint32_t>(point->number);
  }

  Ranges escape() {
    const std::size_t begin = at_++;
    if (at_end()) fail(begin, "'\\' stands at the end; write '\\\\' for the character");
    const char letter = text_[at_];
    if (const auto known = class_of(letter)) {
      ++at_;
      return *known;
    }
    if (letter == 'x') return one(escaped_number(begin));
    if ((letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z') || is_digit(letter)) {
      fail(begin,
           fmt::format("'\\{}' means nothing here; there are \\d \\w \\s \\D \\W \\S \\n \\r \\t \\xHH, and '\\' "
                       "before any sign",
                       letter));
    }
    return one(plain());
  }

  std::uint32_t escaped_number(std::size_t begin) {
    const std::string_view digits = text_.substr(at_ + 1, 2);
    const auto value = digits.size() == 2 ? hexadecimal(digits) : std::nullopt;
    if (!value) fail(begin, "expected two hexadecimal digits after '\\x'");
    at_ += 3;
    return *value;
  }

  std::optional<Ranges> class_of(char letter) const {
    const Ranges digits = {{'0', '9'}}, words = {{'0', '9'}, {'A', 'Z'}, {'a', 'z'}, {'_', '_'}};
    const Ranges spaces = {{'\t', '\r'}, {' ', ' '}};
    switch (letter) {
      case 'd': return digits;
      case 'w': return words;
      case 's': return spaces;
      case 'D': return complement(digits, alphabet_);
      case 'W': return complement(words, alphabet_);
      case 'S': return complement(spaces, alphabet_);
      case 'n': return one('\n');
      case 'r': return one('\r');
      case 't': return one('\t');
      default: return std::nullopt;
    }
  }

  std::string_view text_;
  Alphabet alphabet_;
  std::size_t at_ = 0;
  int depth_ = 0;
};

}  // namespace

Node parse(std::string_view expression, Alphabet alphabet) { return Parser(expression, alphabet).whole(); }

}  // namespace unfold::regex
