#include "recurrence/parse/diagnostics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "recurrence/cell_text.h"

namespace unfold::recurrence {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

std::string message(const SourceText& source, Place place, const Complaint& complaint) {
  try {
    fail(source, place, complaint);
  } catch (const InputError& error) {
    return error.what();
  }
}

TEST(Diagnostics, ShowsTheLineWithACaret) {
  EXPECT_EQ(message({"cell a\nb = σ(c d\n", "my.cell"}, {2, 7}, {"what", "this", "that", "do so"}),
            "my.cell:2:7: what\n"
            "    2 | b = σ(c d\n"
            "      |       ^\n"
            "  expected: this\n"
            "  found: that\n"
            "  hint: do so");
}

TEST(Diagnostics, LeavesOutWhatIsEmpty) { EXPECT_EQ(message({"a", "f"}, {}, {"what", {}, {}, {}}), "f: what"); }

TEST(Diagnostics, ShowsPartOfALongLine) {
  const std::string line = std::string(500, 'a') + "!" + std::string(500, 'b');
  const std::string shown = message({line, "f"}, {1, 501}, {"what", {}, {}, {}});
  EXPECT_LT(shown.size(), 400U);
  const auto mark = shown.find('!') - shown.find("...");
  const auto caret = shown.find('^') - shown.find("| ", shown.find('!')) - 2;
  EXPECT_EQ(mark, caret);
}

TEST(Diagnostics, NeverShowsRawBytes) {
  EXPECT_THAT(message({"a\t\x01\xFF"
                       "b",
                       "f"},
                      {1, 4}, {"what", {}, {}, {}}),
              HasSubstr("| a  ?b\n"));
}

TEST(Diagnostics, SurvivesPlacesOutsideTheText) {
  EXPECT_THAT(message({"a", "f"}, {9, 9}, {"what", {}, {}, {}}), HasSubstr("f:9:9: what"));
}

TEST(Diagnostics, ProposesTheNearestName) {
  EXPECT_EQ(hint_for("W_xy", {"W_xi", "b"}), "did you mean 'W_xi'?");
  EXPECT_EQ(hint_for("zzz", {"W_xi", "b"}, "otherwise"), "otherwise");
  EXPECT_EQ(hint_for(std::string(1 << 20, 'a'), {std::string(1 << 20, 'b')}), "");
}

// One whole message, as a user sees it.
TEST(Diagnostics, OfACell) {
  EXPECT_EQ(error_of("cell c\ninput x\nstate h\n\nh' = tahn(W h + U x)\noutput h'\n"),
            "test.cell:5:6: unknown name 'tahn'\n"
            "    5 | h' = tahn(W h + U x)\n"
            "      |      ^\n"
            "  hint: did you mean 'tanh'?");
}

}  // namespace
}  // namespace unfold::recurrence
