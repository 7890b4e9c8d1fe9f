#include "recurrence/parse/names.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "recurrence/cell_text.h"

namespace unfold::recurrence {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::vector<std::string> parameters(const std::string& source) {
  std::vector<std::string> names;
  for (const auto& parameter : graph_of(source).parameters) names.push_back(parameter.name);
  return names;
}

TEST(Names, UndeclaredParameters) {
  EXPECT_THAT(parameters(stepping("tanh(W h + U2 x + b) + V_x x * b0")), ElementsAre("W", "U2", "b", "V_x", "b0"));
  EXPECT_THAT(error_of(stepping("Wh h + U x")), HasSubstr("unknown name 'Wh'"));
  EXPECT_THAT(error_of(stepping("theta h + U x")), HasSubstr("as in: param theta[hidden]"));
  EXPECT_THAT(error_of(stepping("bias + W h + U x")), HasSubstr("unknown name 'bias'"));
}

TEST(Names, ParametersComeInTheOrderOfTheText) {
  EXPECT_THAT(parameters("cell c\ninput x\nstate h = learned\nparam p[hidden]\n"
                         "h' = W h + U x + p * q\noutput h'\nparam q[hidden]"),
              ElementsAre("h_0", "p", "W", "U", "q"));
}

TEST(Names, ANameThatIsAssignedIsNoParameter) {
  EXPECT_THAT(parameters("cell c\ninput x\nstate h\nb = U_1 x\nW_2[hidden] = b\nh' = W_2 + b + W h + U x\noutput h'"),
              ElementsAre("U_1", "W", "U"));
}

TEST(Names, UnusedOnes) {
  EXPECT_THAT(error_of("cell c\ninput x, y\nstate h\nh' = W h + U x\noutput h'"),
              HasSubstr("test.cell:2:10: 'y' is never used"));
  EXPECT_THAT(error_of("cell c\ninput x\nstate h, c\nh' = W h + U x\nc' = h'\noutput h'"),
              HasSubstr("test.cell:3:10: 'c' is never used"));
  EXPECT_THAT(error_of("cell c\ninput x\nstate h, c\nh' = W h + U x\nc' = h'\noutput h'"),
              HasSubstr("write c = ... instead of c' = ..."));
  EXPECT_THAT(error_of(with_lines("u = tanh(h)")), HasSubstr("test.cell:4:1: 'u' is never used"));
  EXPECT_THAT(error_of(with_lines("param p[hidden]")), HasSubstr("'p' is never used"));
  EXPECT_THAT(error_of(with_lines("given z[hidden]")), HasSubstr("'z' is never used"));
  EXPECT_THAT(error_of("cell c(n = 3)\ninput x\nstate h\nh' = W h + U x\noutput h'"), HasSubstr("'n' is never used"));
}

TEST(Names, GivenTwice) {
  EXPECT_THAT(error_of("cell c\ninput x\nstate x\nx' = x\noutput x"),
              HasSubstr("the name 'x' is given twice; the first "
                        "time at 2:7"));
  EXPECT_THAT(error_of(with_lines("u = h\nu = x")), HasSubstr("test.cell:5:1: the name 'u' is given twice"));
  EXPECT_THAT(error_of(with_lines("x = h")), HasSubstr("given twice"));
  EXPECT_THAT(error_of(with_lines("h' = h")), HasSubstr("two next values; the first is at 4:1"));
  EXPECT_THAT(error_of("cell c\ninput x\nstate h = learned\nh_0 = h\nh' = W h + U x + h_0\noutput h'"),
              HasSubstr("the name 'h_0' is given twice"));
}

TEST(Names, States) {
  EXPECT_THAT(error_of("cell c\ninput x\nstate h, c\nh' = W h + U x\noutput h'"),
              HasSubstr("test.cell:3:10: the state 'c' has no next value"));
  EXPECT_THAT(error_of(with_lines("h = x")), HasSubstr("'h' is a state"));
  EXPECT_THAT(error_of(with_lines("h = x")), HasSubstr("its next value is written h' = ..."));
  EXPECT_THAT(error_of(with_lines("u' = x")), HasSubstr("'u' is not a state"));
  EXPECT_THAT(error_of(stepping("W h + U x'")), HasSubstr("'x' is not a state"));
}

TEST(Names, Order) {
  EXPECT_THAT(error_of(with_lines("u = v\nv = x * h\nz = u")), HasSubstr("test.cell:4:5: 'v' is used before it is "
                                                                         "defined"));
  EXPECT_THAT(error_of(with_lines("u = v\nv = x * h\nz = u")), HasSubstr("move its definition at 5:1 above"));
  EXPECT_THAT(error_of(with_lines("u = u + h")), HasSubstr("a cycle within the step: u needs u"));
  EXPECT_THAT(error_of(with_lines("u = w\nv = u + h\nw = v")), HasSubstr("a cycle within the step: u needs w needs v "
                                                                         "needs u"));
  EXPECT_THAT(error_of(with_lines("u = h'")), HasSubstr("'h'' is used before it is defined"));
  EXPECT_THAT(error_of(stepping("W h' + U x")), HasSubstr("a cycle within the step: h' needs h'"));
}

TEST(Names, Functions) {
  EXPECT_THAT(error_of(stepping("tanh(h, x)")), HasSubstr("expected: tanh(a)\n  found: 2 arguments"));
  EXPECT_THAT(error_of(stepping("max(h, x, h)")), HasSubstr("max(a) or max(a, b)"));
  EXPECT_THAT(error_of(stepping("clip(h)")), HasSubstr("clip(a, low, high)"));
  EXPECT_THAT(error_of(stepping("tanh()")), HasSubstr("found: 0 arguments"));
  EXPECT_THAT(error_of("cell c(f = tanh)\ninput x\nstate h\nh' = f + W h + U x\noutput h'"),
              HasSubstr("expected: '(' after the function f"));
  EXPECT_THAT(error_of("cell c(f = tanh)\ninput x\nstate h\nh' = f(W h + U x)\noutput h'", kOddSizes, "f = dot"),
              HasSubstr("expected: dot(a, b)"));
}

TEST(Names, OneParameterIsMatrixOrVector) {
  EXPECT_THAT(error_of(stepping("W h + U x + W")),
              HasSubstr("test.cell:4:18: two shapes for the parameter 'W': a vector here, a matrix at 4:6"));
}

TEST(Names, ADotIsAProductWhereAMatrixStandsBesideIt) {
  const Graph graph = graph_of(stepping("tanh(h · (W · h) + U · x)"));
  int products = 0;
  int multiplications = 0;
  for (const Node& node : graph.nodes) {
    products += node.op == Op::kProduct;
    multiplications += node.op == Op::kMap && node.function == kernels::Function::kMultiply;
  }
  EXPECT_EQ(products, 2);
  EXPECT_EQ(multiplications, 1);
}

TEST(Names, Initials) {
  const std::string cell = stepping("tanh(W h + U x + b)");
  EXPECT_EQ(error_of(cell + "init b = -2.5\ninit W = spectral(0.9)"), "no error");
  EXPECT_THAT(error_of(cell + "init W_h = identity"), HasSubstr("the cell has no parameter 'W_h'"));
  EXPECT_THAT(error_of(cell + "init W_h = identity"), HasSubstr("its parameters: W, U, b"));
  EXPECT_THAT(error_of(cell + "init h = 1"), HasSubstr("no parameter 'h'"));
  EXPECT_THAT(error_of(cell + "init b = 1\ninit b = 2"), HasSubstr("initialised twice; the first time at 6:6"));
  EXPECT_THAT(error_of(cell + "init W = ortogonal"), HasSubstr("did you mean 'orthogonal'?"));
  EXPECT_THAT(error_of("cell c\ninput x\nstate h = lerned\nh' = W h + U x\noutput h'"),
              HasSubstr("did you mean 'learned'?"));
}

TEST(Names, InSizes) {
  EXPECT_THAT(error_of(with_lines("u[hiden] = h\nz = u")), HasSubstr("test.cell:4:3: unknown size 'hiden'"));
  EXPECT_THAT(error_of(with_lines("u[hiden] = h\nz = u")), HasSubstr("did you mean 'hidden'?"));
  EXPECT_THAT(error_of(with_lines("u[width] = h\nz = u")), HasSubstr("add an option: cell c(width = 16)"));
  EXPECT_THAT(error_of("cell c(f = tanh)\ninput x\nstate h[f]\nh' = W h + U x\noutput h'"),
              HasSubstr("the option 'f' is a function"));
}

}  // namespace
}  // namespace unfold::recurrence
