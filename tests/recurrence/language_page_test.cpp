// docs/language.md says what is true: its example builds, and no function is missing.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "recurrence/cell_text.h"

namespace unfold::recurrence {
namespace {

std::string page() {
  std::ostringstream text;
  text << std::ifstream(UNFOLD_SOURCE_DIR "/docs/language.md").rdbuf();
  return std::move(text).str();
}

TEST(LanguagePage, ItsExampleBuilds) {
  const std::string text = page();
  const std::string fence = "```\n";
  const auto begin = text.find(fence) + fence.size();
  const Graph graph = graph_of(text.substr(begin, text.find(fence, begin) - begin));
  EXPECT_EQ(graph.cell, "my_gru");
  EXPECT_EQ(graph.parameters.size(), 9U);
}

TEST(LanguagePage, NamesEveryFunction) {
  const std::string text = page();
  for (const BuiltinEntry& builtin : builtins()) {
    EXPECT_THAT(text, ::testing::HasSubstr(std::string(builtin.name))) << builtin.name;
  }
}

}  // namespace
}  // namespace unfold::recurrence
