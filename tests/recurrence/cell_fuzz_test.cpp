// Nothing the parser is fed may crash it: thousands of mutated cells parse and build, or give an InputError.
#include <gtest/gtest.h>

#include "fuzz/mutations.h"
#include "recurrence/cell_text.h"

namespace unfold::recurrence {
namespace {

constexpr int kCases = 20000;

TEST(CellFuzz, OnlyInputErrors) {
  CellMutator mutator(20240607);
  int accepted = 0;
  int refused = 0;
  for (int i = 0; i < kCases; ++i) {
    const std::string text = mutator.draw();
    try {
      const Graph graph = graph_of(text);
      ASSERT_NE(graph.output, kNoNode) << text;
      for (std::size_t n = 0; n < graph.nodes.size(); ++n) {
        ASSERT_GE(graph.nodes[n].size(), 1) << text;
        for (const NodeId operand : graph.nodes[n].operands) ASSERT_LT(operand, static_cast<NodeId>(n)) << text;
      }
      ++accepted;
    } catch (const InputError& error) {
      ASSERT_NE(std::string(error.what()).find("test.cell"), std::string::npos) << error.what();
      ++refused;
    }
  }
  // Both ways are taken often enough to mean something.
  EXPECT_GT(accepted, kCases / 50);
  EXPECT_GT(refused, kCases / 2);
}

TEST(CellFuzz, OptionsOnlyGiveInputErrors) {
  CellMutator mutator(99);
  const std::string source(shipped_cell_source("lstm_plain"));
  for (int i = 0; i < kCases / 10; ++i) {
    const std::string options = mutator.draw().substr(0, 40);
    EXPECT_NE(error_of(source, kOddSizes, options), "");
  }
}

}  // namespace
}  // namespace unfold::recurrence
