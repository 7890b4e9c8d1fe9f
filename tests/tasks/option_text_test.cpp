// Texts of options.
#include "tasks/option_text.h"

#include <gtest/gtest.h>

#include "unfold/error.h"

namespace unfold {
namespace {

TEST(OptionText, Numbers) {
  EXPECT_EQ(parse_number("0.25"), 0.25);
  EXPECT_EQ(parse_number("-1e3"), -1000.0);
  for (const char* wrong : {"", "x", "1x", "1e999"}) EXPECT_FALSE(parse_number(wrong)) << wrong;
}

TEST(OptionText, Sizes) {
  EXPECT_EQ(parse_sizes("512"), (std::vector<Index>{512}));
  EXPECT_EQ(parse_sizes("512,512,256"), (std::vector<Index>{512, 512, 256}));
  for (const char* wrong : {"", ",", "512,", ",512", "0", "-3", "5 6", "5;6", "1e3"}) {
    EXPECT_FALSE(parse_sizes(wrong)) << wrong;
  }
}

TEST(OptionText, Dropouts) {
  EXPECT_EQ(parse_dropout("0.5")->rate, 0.5);
  EXPECT_EQ(parse_dropout("0.5")->mask, Dropout::Mask::kEveryStep);
  EXPECT_EQ(parse_dropout("naive:0.5")->mask, Dropout::Mask::kEveryStep);
  EXPECT_EQ(parse_dropout("variational:0.5")->mask, Dropout::Mask::kEverySequence);
  for (const char* wrong : {"", "1", "-0.1", "nan", "other:0.5", "naive:", ":0.5"}) {
    EXPECT_FALSE(parse_dropout(wrong)) << wrong;
  }
}

TEST(OptionText, Precisions) {
  EXPECT_EQ(parse_precision("f32"), Precision::kFloat32);
  EXPECT_EQ(parse_precision("bf16"), Precision::kBfloat16);
  for (const char* wrong : {"", "f16", "bf16 ", "float"}) EXPECT_THROW(parse_precision(wrong), UsageError) << wrong;
}

}  // namespace
}  // namespace unfold
