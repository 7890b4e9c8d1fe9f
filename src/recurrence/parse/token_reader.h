// A position in a list of tokens, with the checks that every part of the parser needs.
#pragma once

#include <string>
#include <vector>

#include "recurrence/parse/lexer.h"

namespace unfold::recurrence {

class TokenReader {
 public:
  explicit TokenReader(const SourceText& source) : source_(source), tokens_(tokenise(source)) {}

  const SourceText& source() const { return source_; }
  const Token& current() const { return tokens_[position_]; }
  const Token& following() const { return tokens_[std::min(position_ + 1, tokens_.size() - 1)]; }
  bool at(Token::Kind kind) const { return current().kind == kind; }
  bool at_name(std::string_view name) const { return at(Token::Kind::kName) && current().text == name; }

  /// Returns the current token and moves on; stays at the end.
  const Token& take() { return tokens_[position_ + 1 < tokens_.size() ? position_++ : position_]; }
  bool take_if(Token::Kind kind) {
    if (!at(kind)) return false;
    take();
    return true;
  }
  /// Takes a token of this kind, or fails saying that `expected` was.
  const Token& expect(Token::Kind kind, const std::string& expected, const std::string& hint = {});
  [[noreturn]] void fail_here(const std::string& expected, const std::string& hint = {}) const;

 private:
  const SourceText& source_;
  std::vector<Token> tokens_;
  std::size_t position_ = 0;
};

}  // namespace unfold::recurrence
