// Memory of tensors: what is given back is given out again, and what is kept stays bounded.
#include "tensor/storage.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <cstring>
#include <thread>
#include <vector>

#include "unfold/tensor.h"

namespace unfold {
namespace {

constexpr std::size_t kMegabyte = 1 << 20;

TEST(Storage, BlocksAreAlignedAndWritable) {
  for (const std::size_t bytes :
       {std::size_t{1}, std::size_t{63}, std::size_t{4096}, kMegabyte / 16, 3 * kMegabyte + 1}) {
    void* block = take_storage(bytes);
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(block) % 64, 0U) << bytes;
    std::memset(block, 0x5a, bytes);
    return_storage(block);
  }
  return_storage(nullptr);
}

TEST(Storage, TheSameShapesAskTheSystemOnlyOnce) {
  const auto step = [] {
    Tensor a({300, 1000}), b({1000, 700});
    Tensor c = a;
    return Tensor({300, 700});
  };
  Tensor kept = step();
  kept = step();
  const std::size_t before = storage_use().system_blocks;
  for (int i = 0; i < 20; ++i) kept = step();
  EXPECT_EQ(storage_use().system_blocks, before);
}

TEST(Storage, CountsWhatIsInUse) {
  const std::size_t before = storage_use().in_use;
  {
    const Tensor a({1024, 1024});
    EXPECT_GE(storage_use().in_use, before + 4 * kMegabyte);
    EXPECT_LE(storage_use().in_use, before + 5 * kMegabyte);
  }
  EXPECT_EQ(storage_use().in_use, before);
}

TEST(Storage, TakesAnEighthMoreThanTensorsHeldAtOnceWhenShapesChange) {
  restart_storage_peak();
  {
    std::vector<Tensor> old;
    for (Index i = 0; i < 16; ++i) old.push_back(Tensor({1024 + i, 1024}));
  }
  ASSERT_GE(storage_use().kept, 60 * kMegabyte);
  const std::size_t peak = storage_use().peak;
  const Tensor other({3, 1024, 1024});
  const Tensor another({7, 1024, 1024});
  EXPECT_LE(storage_use().peak, peak + peak / 8);
}

TEST(Storage, KeepsWhatAStepNeedsThatNeverHoldsItAllAtOnce) {
  restart_storage_peak();
  const Tensor parameters({20, 256, 1024});
  const auto step = [] {
    for (const Index rows : {1400, 1700, 2000}) Tensor({rows, 300});
  };
  for (int i = 0; i < 5; ++i) step();
  const std::size_t before = storage_use().system_blocks;
  for (int i = 0; i < 20; ++i) step();
  EXPECT_EQ(storage_use().system_blocks, before);
}

TEST(Storage, ForgetsShapesOfOtherTimesFirst) {
  restart_storage_peak();
  const auto old = [] { Tensor({600, 1000}); };
  const auto step = [] { Tensor({1000, 1000}); };
  const Tensor parameters({40, 256, 1024});
  old();
  step();
  const std::size_t before = storage_use().system_blocks;
  const Tensor another({1100, 1000});  // makes room
  for (int i = 0; i < 20; ++i) step();
  EXPECT_EQ(storage_use().system_blocks, before + 1);
}

TEST(Storage, ThreadsMayTakeAndReturnAtOnce) {
  const std::size_t before = storage_use().in_use;
  std::vector<std::thread> threads;
  std::vector<int> wrong(4, 0);
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([t, &wrong] {
      for (int i = 0; i < 200; ++i) {
        Tensor tensor({64 + i % 7, 1000});
        tensor.fill(static_cast<float>(t));
        if (tensor[0] != static_cast<float>(t) || tensor[tensor.count() - 1] != static_cast<float>(t)) {
          ++wrong[static_cast<std::size_t>(t)];
        }
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(wrong, std::vector<int>(4, 0));
  EXPECT_EQ(storage_use().in_use, before);
}

}  // namespace
}  // namespace unfold
