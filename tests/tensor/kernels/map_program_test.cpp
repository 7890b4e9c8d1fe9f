// Elementwise programs against single kernels, bit for bit, and against the naive twin.
#include "tensor/kernels/map_program.h"

#include "kernel_test.h"
#include "tensor/kernels/map.h"

namespace unfold::kernels {
namespace {

constexpr Index kRows = 3;  // of Memory, beside scratch and a constant

/// out = f(first) * second + constant, first = tanh(second), for a function with one to three operands.
struct Program {
  // Pointers: rows 0 first, 1 second, 2 out; scratch 3; constant 4.
  std::vector<MapStep> steps;
  explicit Program(Function function)
      : steps{{function, 3, 0, 1, 4}, {Function::kMultiplyAdd, 2, 3, 1, 4}, {Function::kTanh, 0, 1, 0, 0}} {}
};

struct Memory {
  Guarded first, second, out, scratch{kMapBlock}, constant{kMapBlock};
  explicit Memory(Index size) : first(size), second(size), out(size) {
    fill_random(first.data(), size, 1, 0.1F, 3);
    fill_random(second.data(), size, 2, 0.1F, 3);
    for (Index i = 0; i < kMapBlock; ++i) constant[i] = 0.75F;
  }
  bool intact() const {
    return first.intact() && second.intact() && out.intact() && scratch.intact() && constant.intact();
  }
  std::vector<float*> pointers() { return {first.data(), second.data(), out.data(), scratch.data(), constant.data()}; }
};

TEST(MapProgram, IsItsStepsOneAfterAnother) {
  for_each_instruction_set([&] {
    for (int number = 0; number < kFunctionCount; ++number) {
      const auto function = static_cast<Function>(number);
      SCOPED_TRACE(name(function));
      for (const Index size : kOddSizes) {
        Memory memory(size), expected(size);
        std::vector<float> constant(static_cast<std::size_t>(size), 0.75F), scratch(constant);
        map_kernel(function)(scratch.data(), expected.first.data(), expected.second.data(), constant.data(), size);
        map_kernel(Function::kMultiplyAdd)(expected.out.data(), scratch.data(), expected.second.data(), constant.data(),
                                           size);
        map_kernel(Function::kTanh)(expected.first.data(), expected.second.data(), nullptr, nullptr, size);
        std::vector<float*> pointers = memory.pointers();
        map_program()(Program(function).steps, pointers.data(), kRows, {}, size);
        for (Index i = 0; i < size; ++i) {
          ASSERT_EQ(memory.out[i], expected.out[i]) << i;
          ASSERT_EQ(memory.first[i], expected.first[i]) << i;
        }
        EXPECT_TRUE(memory.intact());
        EXPECT_EQ(pointers[3], memory.scratch.data());
      }
    }
  });
}

TEST(MapProgram, TwinAgrees) {
  for (const Index size : {1, 3, 17, 511, 513}) {
    Memory fast(size), slow(size);
    const Program program(Function::kSigmoid);
    const std::vector<Ahead> ahead = {{0, size}, {1, size}, {2, size}};  // brought near, but neither read nor written
    map_program()(program.steps, fast.pointers().data(), kRows, ahead, size);
    naive::run_map_program(program.steps, slow.pointers().data(), kRows, {}, size);
    for (Index i = 0; i < size; ++i) {
      // sigmoid and tanh are within 2.5 units in the last place; a product with up to 3 is added.
      ASSERT_LE(ulps(fast.out[i], slow.out[i]), 6) << i;
      ASSERT_LE(ulps(fast.first[i], slow.first[i]), 4) << i;
    }
  }
}

}  // namespace
}  // namespace unfold::kernels
