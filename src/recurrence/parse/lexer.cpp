#include "recurrence/parse/lexer.h"

#include <fmt/format.h>
#include <utf8proc.h>

#include <charconv>
#include <limits>
#include <string_view>

#include "recurrence/parse/diagnostics.h"

namespace unfold::recurrence {
namespace {

using Kind = Token::Kind;

constexpr char32_t kByteOrderMark = 0xFEFF;

bool is_digit(char32_t c) { return c >= '0' && c <= '9'; }

bool is_greek_letter(char32_t c) {
  return (c >= 0x391 && c <= 0x3C9 && c != 0x3A2) || c == 0x3D1 || c == 0x3D5 || c == 0x3D6 || c == 0x3F1 || c == 0x3F5;
}

bool starts_name(char32_t c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || is_greek_letter(c);
}

bool continues_name(char32_t c) { return starts_name(c) || is_digit(c); }

// The token that a single character makes, kEnd if it makes none.
Kind symbol(char32_t c) {
  switch (c) {
    case '(': return Kind::kOpenParenthesis;
    case ')': return Kind::kCloseParenthesis;
    case '[': return Kind::kOpenBracket;
    case ']': return Kind::kCloseBracket;
    case ',': return Kind::kComma;
    case ':': return Kind::kColon;
    case '=': return Kind::kEquals;
    case '+': return Kind::kPlus;
    case '-':
    case 0x2212: return Kind::kMinus;
    case '*':
    case 0x2299:  // ⊙
    case 0x2218:  // ∘
    case 0x2297:  // ⊗
      return Kind::kTimes;
    case '/': return Kind::kSlash;
    case '^': return Kind::kPower;
    case 0xB7:    // ·
    case 0x22C5:  // ⋅
      return Kind::kDot;
    case '\'':
    case 0x2032: return Kind::kPrime;
    default: return Kind::kEnd;
  }
}

bool opens(Kind kind) { return kind == Kind::kOpenParenthesis || kind == Kind::kOpenBracket; }
bool closes(Kind kind) { return kind == Kind::kCloseParenthesis || kind == Kind::kCloseBracket; }
Kind partner(Kind open) { return open == Kind::kOpenParenthesis ? Kind::kCloseParenthesis : Kind::kCloseBracket; }

class Lexer {
 public:
  explicit Lexer(const SourceText& source) : source_(source), text_(source.text) {
    if (text_.size() > kLongestSource) {
      fail(source_, {},
           {.what = "the cell is too long",
            .expected = fmt::format("at most {} bytes", kLongestSource),
            .found = fmt::format("{} bytes", text_.size())});
    }
    read_character();
    if (character_ == kByteOrderMark) {
      advance();
      place_.column = 1;
    }
  }

  std::vector<Token> run() {
    while (!at_end_) {
      if (character_ == '\n') {
        if (open_.empty()) add(Kind::kNewline, 1);
        advance();
      } else if (character_ == ' ' || character_ == '\t' || character_ == '\r') {
        advance();
      } else if (character_ == '#') {
        while (!at_end_ && character_ != '\n') advance();
      } else if (starts_name(character_)) {
        read_name();
      } else if (is_digit(character_) || (character_ == '.' && is_digit(following()))) {
        read_number();
      } else {
        read_symbol();
      }
    }
    if (!open_.empty()) {
      const Token& open = tokens_[open_.back()];
      fail(source_, open.place, {.what = fmt::format("this '{}' is never closed", open.text)});
    }
    add(Kind::kNewline, 0);
    add(Kind::kEnd, 0);
    return std::move(tokens_);
  }

 private:
  void read_character() {
    at_end_ = offset_ >= text_.size();
    length_ = 0;
    if (at_end_) return;
    utf8proc_int32_t decoded = 0;
    const auto* bytes = reinterpret_cast<const utf8proc_uint8_t*>(text_.data()) + offset_;
    const auto length = utf8proc_iterate(bytes, static_cast<utf8proc_ssize_t>(text_.size() - offset_), &decoded);
    if (length <= 0) {
      fail(source_, place_,
           {.what = "the text is not valid UTF-8",
            .expected = "a character",
            .found = fmt::format("the byte 0x{:02X}", static_cast<unsigned char>(text_[offset_])),
            .hint = "save the file as UTF-8"});
    }
    character_ = static_cast<char32_t>(decoded);
    length_ = static_cast<std::size_t>(length);
  }

  void advance() {
    if (character_ == '\n') {
      ++place_.line;
      place_.column = 1;
    } else {
      ++place_.column;
    }
    offset_ += length_;
    read_character();
  }

  char32_t following() const {
    const std::size_t next = offset_ + length_;
    return next < text_.size() ? static_cast<unsigned char>(text_[next]) : 0;
  }

  void add(Kind kind, std::size_t length) {
    Token token;
    token.kind = kind;
    token.text = std::string(text_.substr(offset_, length));
    token.place = place_;
    tokens_.push_back(std::move(token));
  }

  void read_name() {
    const std::size_t begin = offset_;
    Token token;
    token.kind = Kind::kName;
    token.place = place_;
    while (!at_end_ && continues_name(character_)) advance();
    token.text = std::string(text_.substr(begin, offset_ - begin));
    if (token.text == "σ") token.text = "sigmoid";
    tokens_.push_back(std::move(token));
  }

  void read_number() {
    const char* begin = text_.data() + offset_;
    Token token;
    token.kind = Kind::kNumber;
    token.place = place_;
    const auto [end, error] = std::from_chars(begin, text_.data() + text_.size(), token.number);
    token.text = std::string(begin, end);
    if (error != std::errc() || token.number > std::numeric_limits<float>::max()) {
      fail(source_, place_, {.what = "the number is out of range", .expected = "a magnitude that fits a 32-bit float"});
    }
    while (text_.data() + offset_ < end) advance();
    tokens_.push_back(std::move(token));
  }

  void read_symbol() {
    const Kind kind = symbol(character_);
    if (kind == Kind::kEnd) fail_on_character();
    add(kind, length_);
    if (opens(kind)) open_bracket();
    if (closes(kind)) close_bracket();
    if (kind == Kind::kColon && !open_.empty()) tokens_[open_.back()].holds_colon = true;
    advance();
  }

  void open_bracket() {
    open_.push_back(tokens_.size() - 1);
    if (open_.size() > kDeepestNesting) {
      fail(source_, place_,
           {.what = "brackets are nested too deeply",
            .expected = fmt::format("at most {} levels", kDeepestNesting),
            .hint = "name a part of the expression on a line of its own"});
    }
  }

  void close_bracket() {
    const Token& close = tokens_.back();
    if (open_.empty()) {
      fail(source_, close.place, {.what = fmt::format("this '{}' closes nothing", close.text)});
    }
    const Token& open = tokens_[open_.back()];
    if (partner(open.kind) != close.kind) {
      fail(source_, close.place,
           {.what = fmt::format("this '{}' does not match the '{}' at {}", close.text, open.text, text(open.place))});
    }
    open_.pop_back();
  }

  [[noreturn]] void fail_on_character() const {
    const bool printable = character_ > 0x20 && character_ != 0x7F;
    const std::string shown = printable ? fmt::format("'{}' ", text_.substr(offset_, length_)) : "";
    fail(source_, place_,
         {.what = "this character has no meaning here",
          .expected = "a name, a number or one of ( ) [ ] , : = + - * / ^ · '",
          .found = fmt::format("{}(U+{:04X})", shown, static_cast<std::uint32_t>(character_))});
  }

  const SourceText& source_;
  std::string_view text_;
  std::size_t offset_ = 0;
  std::size_t length_ = 0;  // of character_, in bytes
  char32_t character_ = 0;
  bool at_end_ = false;
  Place place_{1, 1};
  std::vector<Token> tokens_;
  std::vector<std::size_t> open_;  // numbers of the brackets not yet closed
};

}  // namespace

std::vector<Token> tokenise(const SourceText& source) { return Lexer(source).run(); }

std::string describe(const Token& token) {
  switch (token.kind) {
    case Kind::kNewline: return "the end of the line";
    case Kind::kEnd: return "the end of the cell";
    default: return fmt::format("'{}'", token.text);
  }
}

}  // namespace unfold::recurrence
