#include "base/text_distance.h"

#include <gtest/gtest.h>

#include <vector>

namespace unfold {
namespace {

TEST(EditDistance, CountsEachKindOfEditAsOne) {
  EXPECT_EQ(edit_distance("", ""), 0u);
  EXPECT_EQ(edit_distance("lstm", "lstm"), 0u);
  EXPECT_EQ(edit_distance("lstm", "lst"), 1u);
  EXPECT_EQ(edit_distance("lst", "lstm"), 1u);
  EXPECT_EQ(edit_distance("lstm", "lstn"), 1u);
  EXPECT_EQ(edit_distance("lstm", "ltsm"), 1u);
  EXPECT_EQ(edit_distance("", "gru"), 3u);
  EXPECT_EQ(edit_distance("kitten", "sitting"), 3u);
}

TEST(Nearest, FindsTheClosestNameAndTheEarlierOnATie) {
  const std::vector<std::string> names = {"elman", "gru", "jordan", "lstm", "mgu"};
  EXPECT_EQ(nearest("ltsm", names), "lstm");
  EXPECT_EQ(nearest("jordon", names), "jordan");
  EXPECT_EQ(nearest("gu", names), "gru");
}

TEST(Nearest, ProposesNothingWhereNothingIsNear) {
  const std::vector<std::string> names = {"elman", "gru", "x"};
  EXPECT_EQ(nearest("transformer", names), "");
  EXPECT_EQ(nearest("y", names), "");
  EXPECT_EQ(nearest("gru", {}), "");
}

TEST(DidYouMean, IsTheEndOfASentenceOrNothing) {
  const std::vector<std::string> names = {"tanh"};
  EXPECT_EQ(did_you_mean("tahn", names), "; did you mean 'tanh'?");
  EXPECT_EQ(did_you_mean("sigmoid", names), "");
}

}  // namespace
}  // namespace unfold
