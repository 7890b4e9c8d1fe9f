// Parses expressions and sizes into a syntax tree.
#pragma once

#include "recurrence/parse/syntax.h"
#include "recurrence/parse/token_reader.h"

namespace unfold::recurrence {

class ExpressionParser {
 public:
  /// Adds to `syntax`, whose options are known already: one whose default is a function can be called.
  ExpressionParser(TokenReader& tokens, Syntax& syntax) : tokens_(tokens), syntax_(syntax) {}

  /// sum = term { ("+" | "-") term }
  ExpressionId expression();
  /// extents = "[" size { "," size } "]", if there is a "["
  std::vector<ExpressionId> extents();
  /// scalar = [ "-" ] ( NUMBER | NAME )
  ExpressionId scalar();

 private:
  ExpressionId term();
  ExpressionId unary();
  ExpressionId power();
  ExpressionId product();
  ExpressionId postfix();
  ExpressionId primary();
  ExpressionId call();
  ExpressionId concatenation();
  ExpressionId slice(ExpressionId vector);
  ExpressionId size();
  ExpressionId size_term();
  ExpressionId size_factor();

  bool starts_operand() const;
  bool is_callable(const std::string& name) const;
  ExpressionId leaf(Expression::Kind kind);
  ExpressionId add(Expression::Kind kind, Place place, std::vector<ExpressionId> operands);
  ExpressionId add(Expression expression);
  void check_nesting() const;

  TokenReader& tokens_;
  Syntax& syntax_;
  int nesting_ = 0;
};

}  // namespace unfold::recurrence
