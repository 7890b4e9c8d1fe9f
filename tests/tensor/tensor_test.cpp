// Shapes and tensors: extents, counts, copies, moves, alignment, errors.
#include "unfold/tensor.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <utility>
#include <vector>

#include "unfold/error.h"

namespace unfold {
namespace {

TEST(Shape, ExtentsCountFromBothEnds) {
  const Shape shape{3, 4, 5};
  EXPECT_EQ(shape.rank(), 3);
  EXPECT_EQ(shape.count(), 60);
  EXPECT_EQ(shape[0], 3);
  EXPECT_EQ(shape[-1], 5);
  EXPECT_EQ(shape.text(), "[3, 4, 5]");
  EXPECT_EQ(Shape().count(), 1);
  EXPECT_EQ(Shape().text(), "[]");
  EXPECT_EQ((Shape{3, 0, 5}).count(), 0);
}

TEST(Shape, RefusesWhatIsNoShape) {
  EXPECT_THROW((Shape{3, 4})[2], ContractError);
  EXPECT_THROW((Shape{3, 4})[-3], ContractError);
  EXPECT_THROW(Shape()[0], ContractError);
  EXPECT_THROW((Shape{3, -1}).count(), ContractError);
  const Index large = Index(1) << 31;
  EXPECT_THROW((Shape{large, large}).count(), ContractError);
  EXPECT_EQ((Shape{large, large, 0}).count(), 0);
}

TEST(Tensor, StartsAtZeroAndAligned) {
  for (const Index count : {1, 3, 17, 1000}) {
    const Tensor tensor(Shape{count});
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(tensor.data()) % 64, 0U);
    for (const float value : tensor.values()) EXPECT_EQ(value, 0.0f);
  }
}

TEST(Tensor, CopiesElements) {
  const std::vector<float> values = {1, 2, 3, 4, 5, 6};
  const Tensor original(Shape{2, 3}, values);
  Tensor copy = original;
  copy[0] = 9;
  EXPECT_EQ(original[0], 1.0f);
  EXPECT_EQ(copy.shape(), original.shape());
  EXPECT_EQ(copy[5], 6.0f);
  Tensor assigned(Shape{7});
  assigned = original;
  EXPECT_EQ(assigned.shape(), (Shape{2, 3}));
  EXPECT_EQ(assigned[4], 5.0f);
  const Tensor& same = assigned;
  assigned = same;
  EXPECT_EQ(assigned[4], 5.0f);
}

TEST(Tensor, MovedFromIsEmpty) {
  Tensor original(Shape{2, 3});
  original.fill(4);
  Tensor moved = std::move(original);
  EXPECT_EQ(moved[5], 4.0f);
  // The state of a moved-from tensor is part of its contract, so reading it is meant.
  EXPECT_EQ(original.count(), 0);  // NOLINT(bugprone-use-after-move)
  EXPECT_EQ(original.shape(), Shape{0});
  original = std::move(moved);
  EXPECT_EQ(original.shape(), (Shape{2, 3}));
  EXPECT_EQ(Tensor(moved).count(), 0);  // NOLINT(bugprone-use-after-move)
}

TEST(Tensor, MayBeEmpty) {
  const Tensor empty(Shape{0, 5});
  EXPECT_EQ(empty.count(), 0);
  EXPECT_TRUE(empty.values().empty());
  const Tensor copy = empty;
  EXPECT_EQ(copy.shape(), (Shape{0, 5}));
}

TEST(Tensor, APartSharesMemoryAndOutlivesTheWhole) {
  Tensor part;
  {
    Tensor whole(Shape{4, 2}, std::vector<float>{0, 1, 2, 3, 4, 5, 6, 7});
    EXPECT_FALSE(whole.is_shared());
    part = Tensor::shared_part(whole, 2, {2, 2});
    EXPECT_TRUE(whole.is_shared() && part.is_shared());
    EXPECT_EQ(part.data(), whole.data() + 2);
    whole[3] = 9;
  }
  EXPECT_FALSE(part.is_shared());
  EXPECT_EQ(part.shape(), (Shape{2, 2}));
  EXPECT_EQ(std::vector<float>(part.values().begin(), part.values().end()), (std::vector<float>{2, 9, 4, 5}));
}

TEST(Tensor, CopiesShareNothing) {
  Tensor whole(Shape{3}, std::vector<float>{1, 2, 3});
  Tensor part = Tensor::shared_part(whole, 0, {3});
  Tensor copy = part;
  copy[0] = 7;
  part = Tensor(Shape{3}, std::vector<float>{4, 5, 6});  // another's elements now, not written into the whole
  part[0] = 8;
  EXPECT_EQ(whole[0], 1.0F);
  part = Tensor::shared_part(whole, 0, {3});
  part = copy;
  EXPECT_EQ(whole[0], 1.0F);
  EXPECT_FALSE(whole.is_shared());
}

TEST(Tensor, APartLiesInTheWhole) {
  const Tensor whole(Shape{4});
  EXPECT_THROW(Tensor::shared_part(whole, 1, {4}), ContractError);
  EXPECT_THROW(Tensor::shared_part(whole, -1, {2}), ContractError);
  EXPECT_EQ(Tensor::shared_part(whole, 4, {0, 3}).count(), 0);
}

TEST(Tensor, RefusesAWrongNumberOfValues) {
  const std::vector<float> values = {1, 2, 3};
  EXPECT_THROW(Tensor(Shape{2, 2}, values), ContractError);
}

}  // namespace
}  // namespace unfold
