// The statements of a cell. Expressions are in expression_parser.cpp.
#include "recurrence/parse/parser.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "recurrence/parse/diagnostics.h"
#include "recurrence/parse/expression_parser.h"

namespace unfold::recurrence {

namespace {

using TokenKind = Token::Kind;

constexpr std::array<std::string_view, 8> kKeywords = {"cell",  "input", "state",  "given",
                                                       "param", "fixed", "output", "init"};

struct InitialForm {
  std::string_view name;
  Initial::Kind kind;
  bool has_argument;
};

constexpr std::array kInitialForms = {
    InitialForm{"identity", Initial::Kind::kIdentity, false},
    InitialForm{"orthogonal", Initial::Kind::kOrthogonal, false},
    InitialForm{"glorot", Initial::Kind::kGlorot, false},
    InitialForm{"sparse", Initial::Kind::kSparse, false},
    InitialForm{"uniform", Initial::Kind::kUniform, true},
    InitialForm{"normal", Initial::Kind::kNormal, true},
    InitialForm{"spectral", Initial::Kind::kSpectral, true},
};

// [ "-" ] NUMBER | FUNCTION
Option option_value(TokenReader& tokens) {
  Option result;
  if (tokens.at(TokenKind::kName)) {
    const auto function = find_builtin(tokens.current().text);
    if (!function) {
      std::vector<std::string> names;
      for (const auto& builtin : builtins()) names.emplace_back(builtin.name);
      tokens.fail_here("a number or the name of a function", hint_for(tokens.current().text, names));
    }
    tokens.take();
    result.is_function = true;
    result.function = *function;
  } else {
    const double sign = tokens.take_if(TokenKind::kMinus) ? -1 : 1;
    result.number = sign * tokens.expect(TokenKind::kNumber, "a number or the name of a function").number;
  }
  return result;
}

class Parser {
 public:
  explicit Parser(const SourceText& source) : tokens_(source), expressions_(tokens_, syntax_) {}

  Syntax run() {
    skip_newlines();
    header();
    while (skip_newlines(), !tokens_.at(TokenKind::kEnd)) {
      statement();
      tokens_.expect(TokenKind::kNewline, "the end of the line or an operator", "one statement stands on one line");
    }
    if (syntax_.output == kNoExpression) {
      fail(tokens_.source(), syntax_.place,
           {.what = fmt::format("the cell '{}' has no output", syntax_.cell), .hint = "add a line such as: output h'"});
    }
    return std::move(syntax_);
  }

 private:
  void skip_newlines() {
    while (tokens_.take_if(TokenKind::kNewline)) {
    }
  }

  // "cell" NAME [ "(" option { "," option } ")" ]
  void header() {
    if (!tokens_.at_name("cell")) tokens_.fail_here("'cell NAME'", "a cell file starts with: cell NAME");
    tokens_.take();
    const Token name = tokens_.expect(TokenKind::kName, "the cell's name");
    syntax_.cell = name.text;
    syntax_.place = name.place;
    if (!tokens_.take_if(TokenKind::kOpenParenthesis)) return end_header();
    do syntax_.options.push_back(option());
    while (tokens_.take_if(TokenKind::kComma));
    tokens_.expect(TokenKind::kCloseParenthesis, "')' or ','");
    end_header();
  }

  void end_header() { tokens_.expect(TokenKind::kNewline, "the end of the line", "options stand in parentheses"); }

  // NAME "=" ( [ "-" ] NUMBER | FUNCTION )
  Option option() {
    const Token name = new_name("an option's name");
    tokens_.expect(TokenKind::kEquals, "'=' and the option's default");
    Option result = option_value(tokens_);
    result.name = name.text;
    result.place = name.place;
    return result;
  }

  void statement() {
    if (!tokens_.at(TokenKind::kName)) {
      tokens_.fail_here("a statement, which starts with a name",
                        "an expression continues on the next line only inside brackets");
    }
    if (tokens_.at_name("input")) return declarations(Declaration::Kind::kInput);
    if (tokens_.at_name("state")) return declarations(Declaration::Kind::kState);
    if (tokens_.at_name("given")) return declarations(Declaration::Kind::kGiven);
    if (tokens_.at_name("param")) return parameters(true);
    if (tokens_.at_name("fixed")) return parameters(false);
    if (tokens_.at_name("output")) return output();
    if (tokens_.at_name("init")) return initial();
    if (tokens_.at_name("cell")) {
      fail(tokens_.source(), tokens_.current().place,
           {.what = "a second cell in one file", .hint = "put it into a file of its own"});
    }
    assignment();
  }

  // ( "input" | "state" | "given" ) declarator { "," declarator }
  void declarations(Declaration::Kind kind) {
    tokens_.take();
    do {
      Declaration declaration;
      const Token name = new_name("a name");
      declaration.kind = kind;
      declaration.name = name.text;
      declaration.place = name.place;
      declaration.extents = expressions_.extents();
      if (kind == Declaration::Kind::kState && tokens_.take_if(TokenKind::kEquals)) start(declaration);
      syntax_.declarations.push_back(std::move(declaration));
    } while (tokens_.take_if(TokenKind::kComma));
  }

  // The start of a state: "learned" or a number.
  void start(Declaration& declaration) {
    if (tokens_.at_name("learned")) {
      tokens_.take();
      declaration.learned = true;
    } else {
      declaration.start = expressions_.scalar();
    }
  }

  // ( "param" | "fixed" ) NAME extents { "," NAME extents }
  void parameters(bool trainable) {
    tokens_.take();
    do {
      ParameterSyntax parameter;
      const Token name = new_name("a parameter's name");
      parameter.name = name.text;
      parameter.place = name.place;
      parameter.declared = true;
      parameter.trainable = trainable;
      if (!tokens_.at(TokenKind::kOpenBracket)) {
        tokens_.fail_here("'[' and the parameter's size", fmt::format("for instance: param {}[hidden]", name.text));
      }
      parameter.extents = expressions_.extents();
      syntax_.parameters.push_back(std::move(parameter));
    } while (tokens_.take_if(TokenKind::kComma));
  }

  void output() {
    const Place place = tokens_.take().place;
    if (syntax_.output != kNoExpression) {
      fail(tokens_.source(), place,
           {.what = fmt::format("a second output; the first is at {}", text(syntax_.output_place)),
            .hint = "several vectors are given out as one: output [a, b]"});
    }
    syntax_.output_place = place;
    syntax_.output = expressions_.expression();
  }

  // "init" NAME "=" ( KIND [ "(" scalar ")" ] | scalar )
  void initial() {
    tokens_.take();
    InitialSyntax result;
    const Token name = tokens_.expect(TokenKind::kName, "a parameter's name");
    result.parameter = name.text;
    result.place = name.place;
    tokens_.expect(TokenKind::kEquals, "'='");
    result.kind_place = tokens_.current().place;
    const auto form = std::ranges::find_if(kInitialForms, [&](const auto& f) { return tokens_.at_name(f.name); });
    if (form == kInitialForms.end()) {
      result.argument = expressions_.scalar();
    } else {
      tokens_.take();
      result.kind = form->kind;
      if (form->has_argument) {
        tokens_.expect(TokenKind::kOpenParenthesis, fmt::format("'(' and the number of {}", form->name));
        result.argument = expressions_.scalar();
        tokens_.expect(TokenKind::kCloseParenthesis, "')'");
      }
    }
    syntax_.initials.push_back(std::move(result));
  }

  // NAME ( [ extents ] | "'" ) "=" expression
  void assignment() {
    Assignment result;
    const Token name = new_name("a name");
    result.name = name.text;
    result.place = name.place;
    if (tokens_.take_if(TokenKind::kPrime)) {
      result.is_next = true;
    } else {
      result.extents = expressions_.extents();
    }
    tokens_.expect(TokenKind::kEquals, "'='", "a statement is a declaration or an assignment: name = expression");
    result.value = expressions_.expression();
    syntax_.assignments.push_back(std::move(result));
  }

  // A name that the cell gives to something.
  Token new_name(const std::string& expected) {
    const Token token = tokens_.expect(TokenKind::kName, expected);
    const std::string reserved = reserved_as(token.text);
    if (!reserved.empty()) {
      fail(
          tokens_.source(), token.place,
          {.what = fmt::format("'{}' is {} and cannot be used as a name", token.text, reserved), .expected = expected});
    }
    return token;
  }

  Syntax syntax_;
  TokenReader tokens_;
  ExpressionParser expressions_;
};

}  // namespace

Syntax parse_cell(const SourceText& source) { return Parser(source).run(); }

void apply_options(std::string_view text, std::vector<Option>& options, const std::string& cell) {
  const SourceText source{std::string(text), fmt::format("options of {}", cell)};
  TokenReader tokens(source);
  while (tokens.take_if(TokenKind::kNewline)) {
  }
  if (tokens.at(TokenKind::kEnd)) return;
  std::vector<std::string> given;
  do {
    const Token name = tokens.expect(TokenKind::kName, "an option's name");
    const auto option = std::ranges::find(options, name.text, &Option::name);
    if (option == options.end()) {
      std::vector<std::string> names;
      for (const Option& known : options) names.push_back(known.name);
      const std::string all = names.empty() ? "it has none" : fmt::format("it has: {}", fmt::join(names, ", "));
      fail(source, name.place,
           {.what = fmt::format("the cell '{}' has no option '{}'", cell, name.text),
            .hint = hint_for(name.text, names, all)});
    }
    if (std::ranges::find(given, name.text) != given.end()) {
      fail(source, name.place, {.what = fmt::format("the option '{}' is given twice", name.text)});
    }
    given.push_back(name.text);
    tokens.expect(TokenKind::kEquals, "'=' and a value");
    const Place place = tokens.current().place;
    const Option value = option_value(tokens);
    if (value.is_function != option->is_function) {
      const auto kind = [](bool is_function) { return is_function ? "a function" : "a number"; };
      fail(source, place,
           {.what = fmt::format("the option '{}' has a value of the wrong kind", name.text),
            .expected = kind(option->is_function),
            .found = kind(value.is_function)});
    }
    option->number = value.number;
    option->function = value.function;
  } while (tokens.take_if(TokenKind::kComma));
  tokens.expect(TokenKind::kNewline, "',' or the end of the options");
  while (tokens.take_if(TokenKind::kNewline)) {
  }
  if (!tokens.at(TokenKind::kEnd)) tokens.fail_here("the end of the options");
}

std::string reserved_as(std::string_view name) {
  if (name == "hidden" || name == "target") return "a size known from outside";
  if (name == "learned" || std::ranges::find(kKeywords, name) != kKeywords.end()) return "a word of the language";
  if (find_builtin(name)) return "the name of a function";
  return {};
}

}  // namespace unfold::recurrence
