#include "recurrence/parse/parser.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "recurrence/cell_text.h"

namespace unfold::recurrence {
namespace {

using ::testing::HasSubstr;

// An expression with all its brackets written out.
std::string written(const Syntax& syntax, ExpressionId id) {
  if (id == kNoExpression) return "";
  const Expression& e = syntax[id];
  const auto operand = [&](std::size_t i) { return written(syntax, e.operands[i]); };
  const auto binary = [&](const std::string& sign) { return "(" + operand(0) + sign + operand(1) + ")"; };
  switch (e.kind) {
    case Expression::Kind::kNumber: return std::to_string(static_cast<int>(e.number));
    case Expression::Kind::kName: return e.name;
    case Expression::Kind::kNext: return e.name + "'";
    case Expression::Kind::kNegate: return "(-" + operand(0) + ")";
    case Expression::Kind::kAdd: return binary(" + ");
    case Expression::Kind::kSubtract: return binary(" - ");
    case Expression::Kind::kMultiply: return binary(" * ");
    case Expression::Kind::kDivide: return binary(" / ");
    case Expression::Kind::kPower: return binary(" ^ ");
    case Expression::Kind::kProduct: return binary(e.dotted ? " . " : " ");
    case Expression::Kind::kSlice: return operand(0) + "[" + operand(1) + ":" + operand(2) + "]";
    default: break;
  }
  std::string list;
  for (std::size_t i = 0; i < e.operands.size(); ++i) list += (i ? ", " : "") + operand(i);
  return e.kind == Expression::Kind::kCall ? e.name + "{" + list + "}" : "[" + list + "]";
}

std::string parsed(const std::string& expression) {
  const SourceText source{"cell c(gate = sigmoid, n = 2)\noutput " + expression, "test"};
  const Syntax syntax = parse_cell(source);
  return written(syntax, syntax.output);
}

TEST(Parser, Precedence) {
  EXPECT_EQ(parsed("a + b * c - d / e"), "((a + (b * c)) - (d / e))");
  EXPECT_EQ(parsed("-a ^ 2 * b"), "((-(a ^ 2)) * b)");
  EXPECT_EQ(parsed("a ^ -b"), "(a ^ (-b))");
  EXPECT_EQ(parsed("1 - z"), "(1 - z)");
  EXPECT_EQ(parsed("a - -b"), "(a - (-b))");
}

TEST(Parser, JuxtapositionBindsTighterThanAnythingButAPostfix) {
  EXPECT_EQ(parsed("W x + U h * c"), "((W x) + ((U h) * c))");
  EXPECT_EQ(parsed("W U x"), "(W (U x))");
  EXPECT_EQ(parsed("W h' + b"), "((W h') + b)");
  EXPECT_EQ(parsed("W x[1:2] ^ 2"), "((W x[1:2]) ^ 2)");
  EXPECT_EQ(parsed("W (r * h)"), "(W (r * h))");
  EXPECT_EQ(parsed("W · x + f · h"), "((W . x) + (f . h))");
  EXPECT_EQ(parsed("r ∘ U h"), "(r * (U h))");
}

TEST(Parser, BracketsAfterAnOperand) {
  EXPECT_EQ(parsed("W [h, x]"), "(W [h, x])");
  EXPECT_EQ(parsed("[a, b, 1]"), "[a, b, 1]");
  EXPECT_EQ(parsed("a[:4]"), "a[:4]");
  EXPECT_EQ(parsed("a[n:]"), "a[n:]");
  EXPECT_EQ(parsed("a[0 : 2 * n + 1][1:2]"), "a[0:((2 * n) + 1)][1:2]");
  EXPECT_EQ(parsed("W [a[0:1], b]"), "(W [a[0:1], b])");
  EXPECT_EQ(parsed("(a + b)[0:1]"), "(a + b)[0:1]");
}

TEST(Parser, CallsAndProducts) {
  EXPECT_EQ(parsed("tanh (a)"), "tanh{a}");
  EXPECT_EQ(parsed("gate(a)"), "gate{a}");
  EXPECT_EQ(parsed("W (a)"), "(W a)");
  EXPECT_EQ(parsed("max(a, b) c"), "(max{a, b} c)");
  EXPECT_EQ(parsed("σ(W x)"), "sigmoid{(W x)}");
  EXPECT_EQ(parsed("tanh(\n  a\n+ b)"), "tanh{(a + b)}");
}

TEST(Parser, ReadsEveryStatement) {
  const SourceText source{
      "\n# comment\ncell c(n = -2, f = tanh)\n\ninput x, y[4]\nstate h = learned, s[n] = 0.5\ngiven z[n]\n"
      "param p[hidden], q[1, 2]\nfixed r[3]\nu[hidden] = x\nh' = u\ninit p = uniform(0.1)\ninit q = 3\noutput h'",
      "test"};
  const Syntax syntax = parse_cell(source);
  EXPECT_EQ(syntax.cell, "c");
  ASSERT_EQ(syntax.options.size(), 2U);
  EXPECT_EQ(syntax.options[0].number, -2);
  EXPECT_EQ(syntax.options[1].function, Builtin::kTanh);
  ASSERT_EQ(syntax.declarations.size(), 5U);
  EXPECT_TRUE(syntax.declarations[2].learned);
  EXPECT_EQ(syntax[syntax.declarations[3].start].number, 0.5);
  ASSERT_EQ(syntax.parameters.size(), 3U);
  EXPECT_EQ(syntax.parameters[1].extents.size(), 2U);
  EXPECT_FALSE(syntax.parameters[2].trainable);
  ASSERT_EQ(syntax.assignments.size(), 2U);
  EXPECT_EQ(syntax.assignments[0].extents.size(), 1U);
  EXPECT_TRUE(syntax.assignments[1].is_next);
  ASSERT_EQ(syntax.initials.size(), 2U);
  EXPECT_EQ(syntax.initials[0].kind, Initial::Kind::kUniform);
  EXPECT_EQ(syntax.initials[1].kind, Initial::Kind::kConstant);
}

struct Mistake {
  const char* text;
  const char* message;
};

TEST(Parser, SaysWhatIsWrong) {
  const Mistake mistakes[] = {
      {"", "expected: 'cell NAME'"},
      {"input x", "a cell file starts with: cell NAME"},
      {"cell", "expected: the cell's name"},
      {"cell c d", "expected: the end of the line"},
      {"cell c(n)", "expected: '=' and the option's default"},
      {"cell c(f = tahn)\noutput x", "did you mean 'tanh'?"},
      {"cell c\ninput x", "the cell 'c' has no output"},
      {"cell c\noutput x\noutput x", "test:3:1: a second output; the first is at 2:1"},
      {"cell c\ncell d", "a second cell in one file"},
      {"cell c\n+ x", "a statement, which starts with a name"},
      {"cell c\ninput 3", "expected: a name"},
      {"cell c\ninput tanh", "'tanh' is the name of a function and cannot be used as a name"},
      {"cell c\nstate hidden", "'hidden' is a size known from outside"},
      {"cell c\nparam p", "for instance: param p[hidden]"},
      {"cell c\nx y", "test:2:3: unexpected 'y'"},
      {"cell c\nx = ", "an expression continues on the next line only inside brackets"},
      {"cell c\nx = a +\nb", "unexpected the end of the line"},
      {"cell c\nx = a b = c", "expected: the end of the line or an operator"},
      {"cell c\nx = (a b, c)", "expected: ')' or an operator"},
      {"cell c\nx = tanh a", "'(' after the function tanh"},
      {"cell c\nx = a + hidden", "'hidden' is a size known from outside, not a value"},
      {"cell c\nx = a[1,2:3]", "expected: ':' between the bounds of a slice"},
      {"cell c\nx = [1:2]", "a vector before this slice"},
      {"cell c\nx = a[:tanh(2)]", "expected: ']'"},
      {"cell c\nx[2 3] = a", "expected: ']' or ','"},
      {"cell c\nx[-1] = a", "a size: a number, a name"},
      {"cell c\ninit 3 = 4", "expected: a parameter's name"},
      {"cell c\ninit b = uniform", "'(' and the number of uniform"},
      {"cell c\ninit b = (1)", "expected: a number"},
  };
  for (const Mistake& mistake : mistakes) {
    const SourceText source{mistake.text, "test"};
    std::string message = "no error";
    try {
      parse_cell(source);
    } catch (const InputError& error) {
      message = error.what();
    }
    EXPECT_THAT(message, HasSubstr(mistake.message)) << mistake.text;
  }
}

TEST(Parser, RefusesDeepExpressionsWithoutCrashing) {
  const auto repeated = [](const std::string& part, int count) {
    std::string result;
    for (int i = 0; i < count; ++i) result += part;
    return result;
  };
  for (const std::string& expression :
       {repeated("-", 100000) + "a", repeated("W ", 100000) + "a", repeated("a ^ ", 100000) + "a",
        repeated("a + ", 100000) + "a", repeated("a * ", 100000) + "a", "a" + repeated("[0:1]", 100000)}) {
    EXPECT_THAT(error_of(stepping(expression)), HasSubstr("too deep")) << expression.substr(0, 20);
  }
  EXPECT_EQ(error_of(stepping("U x" + repeated(" + h", 150))), "no error");
}

TEST(Options, AreAppliedByName) {
  std::vector<Option> options(2);
  options[0].name = "n";
  options[1].name = "gate";
  options[1].is_function = true;
  apply_options(" n = -3 , gate = relu ", options, "c");
  EXPECT_EQ(options[0].number, -3);
  EXPECT_EQ(options[1].function, Builtin::kRelu);
  apply_options("  ", options, "c");
  EXPECT_EQ(options[0].number, -3);
}

TEST(Options, SayWhatIsWrong) {
  const std::string cell = "cell c(size = 2, gate = sigmoid)\ninput x\nstate h[size]\nh' = gate(W h + U x)\noutput h'";
  EXPECT_EQ(error_of(cell, kOddSizes, "size = 3, gate = relu"), "no error");
  EXPECT_THAT(error_of(cell, kOddSizes, "sise = 3"), HasSubstr("did you mean 'size'?"));
  EXPECT_THAT(error_of(cell, kOddSizes, "wrong = 3"), HasSubstr("it has: size, gate"));
  EXPECT_THAT(error_of(cell, kOddSizes, "size = relu"), HasSubstr("expected: a number\n  found: a function"));
  EXPECT_THAT(error_of(cell, kOddSizes, "gate = 1"), HasSubstr("expected: a function\n  found: a number"));
  EXPECT_THAT(error_of(cell, kOddSizes, "size = 3, size = 4"), HasSubstr("given twice"));
  EXPECT_THAT(error_of(cell, kOddSizes, "size 3"), HasSubstr("options of c:1:6"));
  EXPECT_THAT(error_of(cell, kOddSizes, "size = 3 gate"), HasSubstr("',' or the end of the options"));
  EXPECT_THAT(error_of(cell, kOddSizes, "size = 2.5"), HasSubstr("this is not a size"));
}

}  // namespace
}  // namespace unfold::recurrence
