// An interpreter of elementwise programs, compiled for every instruction set and chosen at run time: for each block of
// elements one switch per step, whose case is the function on several vectors at once.
#include "tensor/kernels/map_program.h"

#include <algorithm>

#include "tensor/kernels/map.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "tensor/kernels/map_program.cpp"
#include <hwy/foreach_target.h>
// After foreach_target.h:
#include <hwy/highway.h>

#include "tensor/kernels/choice.h"
#include "tensor/kernels/map-inl.h"

HWY_BEFORE_NAMESPACE();
namespace unfold::kernels::HWY_NAMESPACE {
namespace {

struct Operands {
  float* destination;
  const float *a, *b, *c;
};

/// A whole block: its length is known, so the vectors are done side by side.
struct WholeBlock {
  template <Function kFunction, int kArity>
  HWY_INLINE void operator()(const Operands& at) const {
    map<kFunction, kArity>(at.destination, at.a, at.b, at.c, kMapBlock);
  }
};

struct PartOfBlock {
  Index count;
  template <Function kFunction, int kArity>
  HWY_INLINE void operator()(const Operands& at) const {
    map<kFunction, kArity>(at.destination, at.a, at.b, at.c, count);
  }
};

/// A single element, stored and loaded as one: a vector that is stored in part is slow to load again.
struct OneElement {
  template <Function kFunction, int kArity>
  HWY_INLINE void operator()(const Operands& at) const {
    const Floats d;
    const Vector none = constant(0.0f);
    const Vector b = kArity >= 2 ? hn::Set(d, *at.b) : none;
    const Vector c = kArity >= 3 ? hn::Set(d, *at.c) : none;
    *at.destination = hn::GetLane(apply<kFunction>(hn::Set(d, *at.a), b, c));
  }
};

/// What is brought near is asked for a few lines with each step: memory answers while the steps are done.
struct Requests {
  std::span<const Ahead> rows;
  std::size_t with_each_step;
  Index count;  // elements

  HWY_INLINE void next(float* const* pointers) {
    for (std::size_t i = 0; i < with_each_step && !rows.empty(); ++i, rows = rows.subspan(1)) {
      bring_near(pointers[rows.front().pointer] + rows.front().distance, count);
    }
  }
};

template <class Part>
HWY_INLINE void run_steps(std::span<const MapStep> steps, float* const* pointers, Requests requests, const Part& part) {
  for (const MapStep& step : steps) {
    requests.next(pointers);
    const Operands at = {pointers[step.destination], pointers[step.a], pointers[step.b], pointers[step.c]};
    for_function(step.function,
                 [&]<Function kFunction, int kArity>() { part.template operator()<kFunction, kArity>(at); });
  }
}

void run_map_program(std::span<const MapStep> steps, float** pointers, Index rows, std::span<const Ahead> ahead,
                     Index size) {
  const std::size_t with_each_step = (ahead.size() + steps.size() - 1) / steps.size();
  if (size == 1) return run_steps(steps, pointers, {ahead, with_each_step, 1}, OneElement());
  for (;; size -= kMapBlock) {
    const Index count = std::min(size, kMapBlock);
    const Requests requests = {ahead, with_each_step, count};
    if (count < kMapBlock) return run_steps(steps, pointers, requests, PartOfBlock{count});
    run_steps(steps, pointers, requests, WholeBlock());
    if (size == kMapBlock) return;
    for (Index i = 0; i < rows; ++i) pointers[i] += kMapBlock;
  }
}

MapProgram map_program() { return run_map_program; }

}  // namespace
}  // namespace unfold::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace unfold::kernels {

HWY_EXPORT(map_program);

MapProgram map_program() {
  if (naive_kernels()) return naive::run_map_program;
  limit_instruction_set();
  return HWY_DYNAMIC_DISPATCH(map_program)();
}

namespace naive {

void run_map_program(std::span<const MapStep> steps, float** pointers, Index rows, std::span<const Ahead>, Index size) {
  for (Index begin = 0; begin < size; begin += kMapBlock) {
    if (begin > 0) {
      for (Index i = 0; i < rows; ++i) pointers[i] += kMapBlock;
    }
    const Index count = std::min(kMapBlock, size - begin);
    for (const MapStep& step : steps) {
      const MapKernel map = naive_map_kernel(step.function);
      map(pointers[step.destination], pointers[step.a], pointers[step.b], pointers[step.c], count);
    }
  }
}

}  // namespace naive

}  // namespace unfold::kernels
#endif
