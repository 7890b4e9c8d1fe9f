// The options inside the recurrence as rewrites.
#include "tasks/rewrite_settings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unfold/error.h"

namespace unfold {
namespace {

using ::testing::HasSubstr;
using Kind = Rewrite::Kind;

std::string refusal_of(const RewriteSettings& settings) {
  try {
    settings.rewrites();
  } catch (const UsageError& error) {
    return error.what();
  }
  return "no error";
}

TEST(RewriteSettings, AskForNothingByDefault) { EXPECT_TRUE(RewriteSettings().rewrites().empty()); }

TEST(RewriteSettings, BecomeRewrites) {
  const RewriteSettings settings{.teacher_forcing = "y",
                                 .recurrent_dropout = "variational:0.25",
                                 .zoneout = 0.1,
                                 .weight_drop = 0.5,
                                 .clip_message = 2};
  const std::vector<Rewrite> found = settings.rewrites();
  ASSERT_EQ(found.size(), 5U);
  EXPECT_EQ(found[0].kind, Kind::kTeacherForcing);
  EXPECT_EQ(found[0].state, "y");
  EXPECT_EQ(found[1].kind, Kind::kVariationalDropout);
  EXPECT_EQ(found[1].rate, 0.25);
  EXPECT_EQ(found[2].kind, Kind::kZoneout);
  EXPECT_EQ(found[2].rate, 0.1);
  EXPECT_EQ(found[3].kind, Kind::kWeightDrop);
  EXPECT_EQ(found[3].rate, 0.5);
  EXPECT_EQ(found[4].kind, Kind::kMessageClip);
  EXPECT_EQ(found[4].bound, 2);
  EXPECT_EQ(RewriteSettings{.recurrent_dropout = "naive:0"}.rewrites()[0].kind, Kind::kNaiveDropout);
}

TEST(RewriteSettings, SayWhatIsWrong) {
  for (const char* text : {"0.2", "naive", "naive:", "naive:x", "naive:0.2x", "naive:1", "naive:-1", "other:0.1"}) {
    EXPECT_THAT(refusal_of({.recurrent_dropout = text}), HasSubstr("none, naive:P or variational:P")) << text;
  }
  EXPECT_THAT(refusal_of({.zoneout = 1}), HasSubstr("--zoneout expects a probability P, 0 <= P < 1, found 1"));
  EXPECT_THAT(refusal_of({.weight_drop = 1.5}), HasSubstr("--weight-drop expects a probability"));
}

}  // namespace
}  // namespace unfold
