// One Highway loop per elementwise function, compiled for every instruction set and chosen at run time.
#include "tensor/kernels/map.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "tensor/kernels/map.cpp"
#include <hwy/foreach_target.h>
// After foreach_target.h:
#include <hwy/highway.h>

#include "tensor/kernels/choice.h"
#include "tensor/kernels/map-inl.h"

HWY_BEFORE_NAMESPACE();
namespace unfold::kernels::HWY_NAMESPACE {
namespace {

MapKernel map_kernel(Function function) {
  MapKernel kernel = nullptr;
  for_function(function, [&]<Function kFunction, int kArity>() { kernel = map<kFunction, kArity>; });
  return kernel;
}

}  // namespace
}  // namespace unfold::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace unfold::kernels {

HWY_EXPORT(map_kernel);

MapKernel map_kernel(Function function) {
  if (naive_kernels()) return naive_map_kernel(function);
  limit_instruction_set();
  return HWY_DYNAMIC_DISPATCH(map_kernel)(function);
}

}  // namespace unfold::kernels
#endif
