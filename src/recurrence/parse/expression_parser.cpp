#include "recurrence/parse/expression_parser.h"

#include <fmt/format.h>

#include <algorithm>

#include "recurrence/parse/diagnostics.h"
#include "recurrence/parse/parser.h"

namespace unfold::recurrence {
namespace {

using Kind = Expression::Kind;
using TokenKind = Token::Kind;

constexpr const char* kContinuationHint = "an expression continues on the next line only inside brackets";

}  // namespace

ExpressionId ExpressionParser::expression() {
  ExpressionId left = term();
  while (tokens_.at(TokenKind::kPlus) || tokens_.at(TokenKind::kMinus)) {
    const Token& sign = tokens_.take();
    const Kind kind = sign.kind == TokenKind::kPlus ? Kind::kAdd : Kind::kSubtract;
    const Place place = sign.place;
    left = add(kind, place, {left, term()});
  }
  return left;
}

// term = unary { ("*" | "/") unary }
ExpressionId ExpressionParser::term() {
  ExpressionId left = unary();
  while (tokens_.at(TokenKind::kTimes) || tokens_.at(TokenKind::kSlash)) {
    const Token& sign = tokens_.take();
    const Kind kind = sign.kind == TokenKind::kTimes ? Kind::kMultiply : Kind::kDivide;
    const Place place = sign.place;
    left = add(kind, place, {left, unary()});
  }
  return left;
}

// unary = "-" unary | power
ExpressionId ExpressionParser::unary() {
  if (!tokens_.at(TokenKind::kMinus)) return power();
  const Place place = tokens_.take().place;
  ++nesting_;
  check_nesting();
  const ExpressionId operand = unary();
  --nesting_;
  return add(Kind::kNegate, place, {operand});
}

// power = product [ "^" unary ]
ExpressionId ExpressionParser::power() {
  const ExpressionId base = product();
  if (!tokens_.at(TokenKind::kPower)) return base;
  const Place place = tokens_.take().place;
  ++nesting_;
  check_nesting();
  const ExpressionId exponent = unary();
  --nesting_;
  return add(Kind::kPower, place, {base, exponent});
}

// product = postfix [ [ "·" ] product ]
ExpressionId ExpressionParser::product() {
  const ExpressionId left = postfix();
  const bool dotted = tokens_.at(TokenKind::kDot);
  if (!dotted && !starts_operand()) return left;
  const Place place = dotted ? tokens_.take().place : syntax_[left].place;
  ++nesting_;
  check_nesting();
  const ExpressionId right = product();
  --nesting_;
  const ExpressionId result = add(Kind::kProduct, place, {left, right});
  syntax_[result].dotted = dotted;
  return result;
}

// postfix = primary { slice }
ExpressionId ExpressionParser::postfix() {
  ExpressionId operand = primary();
  while (tokens_.at(TokenKind::kOpenBracket) && tokens_.current().holds_colon) operand = slice(operand);
  return operand;
}

// primary = NUMBER | NAME [ "'" ] | FUNCTION "(" arguments ")" | "(" expression ")" | concatenation
ExpressionId ExpressionParser::primary() {
  switch (tokens_.current().kind) {
    case TokenKind::kNumber: return leaf(Kind::kNumber);
    case TokenKind::kOpenBracket:
      if (tokens_.current().holds_colon) tokens_.fail_here("a vector before this slice");
      return concatenation();
    case TokenKind::kOpenParenthesis: {
      tokens_.take();
      const ExpressionId inner = expression();
      tokens_.expect(TokenKind::kCloseParenthesis, "')' or an operator");
      return inner;
    }
    case TokenKind::kName: break;
    default: tokens_.fail_here("a value", tokens_.at(TokenKind::kNewline) ? kContinuationHint : "");
  }
  if (is_callable(tokens_.current().text)) return call();
  const std::string reserved = reserved_as(tokens_.current().text);
  if (!reserved.empty()) {
    fail(tokens_.source(), tokens_.current().place,
         {.what = fmt::format("'{}' is {}, not a value", tokens_.current().text, reserved)});
  }
  const ExpressionId name = leaf(Kind::kName);
  if (tokens_.take_if(TokenKind::kPrime)) syntax_[name].kind = Kind::kNext;
  return name;
}

ExpressionId ExpressionParser::call() {
  Expression expression;
  expression.kind = Kind::kCall;
  expression.place = tokens_.current().place;
  expression.name = tokens_.take().text;
  if (const auto builtin = find_builtin(expression.name)) {
    expression.function = *builtin;
  } else {
    const auto option = std::ranges::find(syntax_.options, expression.name, &Option::name);
    expression.option = static_cast<std::int32_t>(option - syntax_.options.begin());
  }
  tokens_.expect(TokenKind::kOpenParenthesis, fmt::format("'(' after the function {}", expression.name));
  if (!tokens_.at(TokenKind::kCloseParenthesis)) {
    do expression.operands.push_back(this->expression());
    while (tokens_.take_if(TokenKind::kComma));
  }
  tokens_.expect(TokenKind::kCloseParenthesis, "')', ',' or an operator");
  return add(std::move(expression));
}

// concatenation = "[" expression { "," expression } "]"
ExpressionId ExpressionParser::concatenation() {
  const Place place = tokens_.take().place;
  std::vector<ExpressionId> parts;
  do parts.push_back(expression());
  while (tokens_.take_if(TokenKind::kComma));
  tokens_.expect(TokenKind::kCloseBracket, "']', ',' or an operator");
  return add(Kind::kConcatenation, place, std::move(parts));
}

// slice = "[" [ size ] ":" [ size ] "]"
ExpressionId ExpressionParser::slice(ExpressionId vector) {
  const Place place = tokens_.take().place;
  const ExpressionId begin = tokens_.at(TokenKind::kColon) ? kNoExpression : size();
  tokens_.expect(TokenKind::kColon, "':' between the bounds of a slice");
  const ExpressionId end = tokens_.at(TokenKind::kCloseBracket) ? kNoExpression : size();
  tokens_.expect(TokenKind::kCloseBracket, "']'");
  return add(Kind::kSlice, place, {vector, begin, end});
}

std::vector<ExpressionId> ExpressionParser::extents() {
  std::vector<ExpressionId> result;
  if (!tokens_.take_if(TokenKind::kOpenBracket)) return result;
  do result.push_back(size());
  while (tokens_.take_if(TokenKind::kComma));
  tokens_.expect(TokenKind::kCloseBracket, "']' or ','");
  return result;
}

// size = size_term { ("+" | "-") size_term }
ExpressionId ExpressionParser::size() {
  ExpressionId left = size_term();
  while (tokens_.at(TokenKind::kPlus) || tokens_.at(TokenKind::kMinus)) {
    const Place place = tokens_.current().place;
    const Kind kind = tokens_.take().kind == TokenKind::kPlus ? Kind::kAdd : Kind::kSubtract;
    left = add(kind, place, {left, size_term()});
  }
  return left;
}

ExpressionId ExpressionParser::size_term() {
  ExpressionId left = size_factor();
  while (tokens_.at(TokenKind::kTimes) || tokens_.at(TokenKind::kSlash)) {
    const Place place = tokens_.current().place;
    const Kind kind = tokens_.take().kind == TokenKind::kTimes ? Kind::kMultiply : Kind::kDivide;
    left = add(kind, place, {left, size_factor()});
  }
  return left;
}

ExpressionId ExpressionParser::size_factor() {
  if (tokens_.at(TokenKind::kNumber)) return leaf(Kind::kNumber);
  if (tokens_.at(TokenKind::kName)) return leaf(Kind::kName);
  if (!tokens_.take_if(TokenKind::kOpenParenthesis)) {
    tokens_.fail_here("a size: a number, a name or + - * / of them");
  }
  const ExpressionId inner = size();
  tokens_.expect(TokenKind::kCloseParenthesis, "')'");
  return inner;
}

ExpressionId ExpressionParser::scalar() {
  const Place place = tokens_.current().place;
  const bool negative = tokens_.take_if(TokenKind::kMinus);
  if (!tokens_.at(TokenKind::kNumber) && !tokens_.at(TokenKind::kName)) tokens_.fail_here("a number");
  const ExpressionId value = leaf(tokens_.at(TokenKind::kNumber) ? Kind::kNumber : Kind::kName);
  return negative ? add(Kind::kNegate, place, {value}) : value;
}

// Whether the current token can follow an operand as the right side of a product.
bool ExpressionParser::starts_operand() const {
  return tokens_.at(TokenKind::kName) || tokens_.at(TokenKind::kNumber) || tokens_.at(TokenKind::kOpenParenthesis) ||
         tokens_.at(TokenKind::kOpenBracket);
}

bool ExpressionParser::is_callable(const std::string& name) const {
  if (find_builtin(name)) return true;
  const auto option = std::ranges::find(syntax_.options, name, &Option::name);
  return option != syntax_.options.end() && option->is_function;
}

ExpressionId ExpressionParser::leaf(Kind kind) {
  const Token& token = tokens_.take();
  Expression expression;
  expression.kind = kind;
  expression.place = token.place;
  expression.number = token.number;
  if (kind == Kind::kName) expression.name = token.text;
  return add(std::move(expression));
}

ExpressionId ExpressionParser::add(Kind kind, Place place, std::vector<ExpressionId> operands) {
  Expression expression;
  expression.kind = kind;
  expression.place = place;
  expression.operands = std::move(operands);
  return add(std::move(expression));
}

ExpressionId ExpressionParser::add(Expression expression) {
  for (const ExpressionId operand : expression.operands) {
    if (operand != kNoExpression) expression.depth = std::max(expression.depth, syntax_[operand].depth + 1);
  }
  if (expression.depth > kDeepestExpression) {
    fail(tokens_.source(), expression.place,
         {.what = "the expression is too deep",
          .expected = fmt::format("at most {} levels of operators", kDeepestExpression),
          .hint = "name a part of it on a line of its own"});
  }
  syntax_.expressions.push_back(std::move(expression));
  return static_cast<ExpressionId>(syntax_.expressions.size()) - 1;
}

void ExpressionParser::check_nesting() const {
  if (nesting_ <= kDeepestExpression) return;
  fail(tokens_.source(), tokens_.current().place,
       {.what = "the expression is too deep",
        .expected = fmt::format("at most {} levels of operators", kDeepestExpression),
        .hint = "name a part of it on a line of its own"});
}

}  // namespace unfold::recurrence
