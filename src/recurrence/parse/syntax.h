// The syntax tree of a cell file. Expressions lie in one array and refer to each other by number, so that no depth of
// nesting costs stack when a tree is destroyed. The parser fills everything but `reference`, which names.cpp adds.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "recurrence/graph/graph.h"
#include "recurrence/parse/builtins.h"

namespace unfold::recurrence {

/// A text and the name it goes by in messages.
struct SourceText {
  std::string text;
  std::string file;
};

using ExpressionId = std::int32_t;
inline constexpr ExpressionId kNoExpression = -1;

/// What a name stands for.
struct Reference {
  enum class Kind : std::uint8_t {
    kNothing,  // not resolved
    kInput,    // Syntax::declarations[index], as are states and givens
    kState,    // the previous value
    kGiven,
    kParameter,   // Syntax::parameters[index]
    kAssignment,  // Syntax::assignments[index], also the next value of a state
    kOption,      // Syntax::options[index], a number
  };
  Kind kind = Kind::kNothing;
  std::int32_t index = -1;
};

struct Expression {
  enum class Kind : std::uint8_t {
    kNumber,
    kName,  // x
    kNext,  // h'
    kNegate,
    kAdd,
    kSubtract,
    kMultiply,
    kDivide,
    kPower,
    kProduct,  // W v by juxtaposition, or W · v
    kCall,     // function(operands)
    kConcatenation,
    kSlice,  // operands = {vector, begin, end}; a bound left out is kNoExpression
  };
  Kind kind = Kind::kNumber;
  bool dotted = false;  // a kProduct written with ·
  std::int32_t depth = 1;
  Place place;  // of the operator where there is one, else of the first character
  double number = 0;
  std::string name;                      // of kName, kNext and kCall as written
  Builtin function = Builtin::kSigmoid;  // of a kCall
  std::int32_t option = -1;              // of a kCall through an option
  std::vector<ExpressionId> operands;
  Reference reference;  // of kName and kNext
};

/// `cell NAME(slots = 128, gate = sigmoid)`.
struct Option {
  std::string name;
  Place place;
  bool is_function = false;
  double number = 0;
  Builtin function = Builtin::kSigmoid;
};

/// `input`, `state` or `given`.
struct Declaration {
  enum class Kind : std::uint8_t { kInput, kState, kGiven };
  Kind kind = Kind::kInput;
  std::string name;
  Place place;
  std::vector<ExpressionId> extents;   // empty: the default size
  bool learned = false;                // `state h = learned`
  ExpressionId start = kNoExpression;  // `state h = 0.5`
};

/// The word that declares it.
constexpr const char* keyword(Declaration::Kind kind) {
  switch (kind) {
    case Declaration::Kind::kInput: return "input";
    case Declaration::Kind::kState: return "state";
    case Declaration::Kind::kGiven: return "given";
  }
  return "";
}

/// A parameter: declared by `param` or `fixed`, or by its name alone.
struct ParameterSyntax {
  std::string name;
  Place place;  // of the declaration, or of the first use
  bool declared = false;
  bool trainable = true;
  bool is_matrix = false;             // of an undeclared one: it stands at the left of a product
  std::vector<ExpressionId> extents;  // of a declared one
  std::int32_t start_of = -1;         // the state, as a number in Syntax::declarations, whose learned start this is
};

/// `name = value`, `name[extent] = value` or `h' = value`.
struct Assignment {
  std::string name;
  Place place;
  bool is_next = false;
  std::int32_t state = -1;  // of a next value: the state, as a number in Syntax::declarations; names.cpp fills it in
  std::vector<ExpressionId> extents;
  ExpressionId value = kNoExpression;
};

/// `init NAME = KIND(argument)` or `init NAME = number`.
struct InitialSyntax {
  std::string parameter;
  Place place;
  Initial::Kind kind = Initial::Kind::kConstant;
  Place kind_place;
  ExpressionId argument = kNoExpression;
};

struct Syntax {
  std::string cell;
  Place place;
  std::vector<Option> options;
  std::vector<Declaration> declarations;
  std::vector<ParameterSyntax> parameters;  // in the order of the text, the undeclared ones included
  std::vector<Assignment> assignments;
  std::vector<InitialSyntax> initials;
  std::vector<Expression> expressions;
  ExpressionId output = kNoExpression;
  Place output_place;

  const Expression& operator[](ExpressionId id) const { return expressions[static_cast<std::size_t>(id)]; }
  Expression& operator[](ExpressionId id) { return expressions[static_cast<std::size_t>(id)]; }
};

}  // namespace unfold::recurrence
