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
  std::uint32_t destination = 0;
  std::uint32_t a = 0, b = 0, c = 0;
};

/// A row of which what lies `distance` elements behind the elements of a call is brought near, for the next call.
struct Ahead {
  std::uint32_t pointer = 0;
  Index distance = 0;
};

/// Elements of a scratch operand.
inline constexpr Index kMapBlock = 128;

/// Runs the steps, of which there is one at least, one after another for elements [0, size). Of `pointers` the first
/// `rows` point to rows of `size` elements; the others to kMapBlock elements each, which hold constants or what a step
/// leaves to a later one of the same block. Pointers to rows move on from block to block: up to kMapBlock elements they
/// stay. A step's destination may be one of its operands; an element's result does not depend on its place or on size.
/// There are more rows than the processor follows by itself: those of the next call are brought near as `ahead` says.
using MapProgram = void (*)(std::span<const MapStep> steps, float** pointers, Index rows, std::span<const Ahead> ahead,
                            Index size);

/// The fast one, or its naive twin where UNFOLD_KERNELS=naive.
MapProgram map_program();

/// Brings `count` elements near, for reading or writing soon.
inline void bring_near(const float* row, Index count) {
  constexpr Index kLine = 16;  // floats of a cache line
  for (Index j = 0; j < count; j += kLine) hwy::Prefetch(row + j);
}

namespace naive {

void run_map_program(std::span<const MapStep> steps, float** pointers, Index rows, std::span<const Ahead> ahead,
                     Index size);

}  // namespace naive

}  // namespace unfold::kernels
