// Several elementwise functions in a row, on blocks of elements that stay in registers' reach.
#pragma once

#include <hwy/cache_control.h>

#include <cstdint>
#include <span>

#include "tensor/kernels/functions.h"
#include "unfold/tensor.h"

namespace unfold::kernels {

/// One function of a program: which of the program's pointers it writes and reads. Operands it does not have are 0.
struct MapStep {
  Function function = Function::kIdentity;
  std::uint16_t destination = 0;
  std::uint16_t a = 0, b = 0, c = 0;
};

/// Elements of a scratch operand.
inline constexpr Index kMapBlock = 64;

/// Runs the steps one after another for elements [0, size). Of `pointers` the first `rows` point to rows of `size`
/// elements; the others to kMapBlock elements each, which hold constants or what a step leaves to a later one of the
/// same block. Where the pointers to rows point afterwards is not said. A step's destination may be one of its
/// operands; an element's result does not depend on its place or on size. What lies `ahead[i]` elements behind the
/// elements of row i is brought near, for the next call, unless that is 0 or `ahead` is empty: there are more rows than
/// the processor follows by itself.
void run_map_program(std::span<const MapStep> steps, float** pointers, Index rows, std::span<const Index> ahead,
                     Index size);

/// Brings `count` elements near, for reading or writing soon.
inline void bring_near(const float* row, Index count) {
  constexpr Index kLine = 16;  // floats of a cache line
  for (Index j = 0; j < count; j += kLine) hwy::Prefetch(row + j);
}

namespace naive {

void run_map_program(std::span<const MapStep> steps, float** pointers, Index rows, std::span<const Index> ahead,
                     Index size);

}  // namespace naive

}  // namespace unfold::kernels
