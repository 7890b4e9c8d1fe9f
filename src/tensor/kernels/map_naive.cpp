// The naive twins of the elementwise kernels: a loop over `apply`.
#include <array>
#include <cstddef>
#include <utility>

#include "tensor/kernels/map.h"

namespace unfold::kernels {

namespace {

template <std::size_t kFunction>
void map(float* destination, const float* a, const float* b, const float* c, Index count) {
  constexpr auto function = static_cast<Function>(kFunction);
  const bool has_b = arity(function) >= 2, has_c = arity(function) >= 3;
  for (Index i = 0; i < count; ++i) {
    destination[i] = apply(function, a[i], has_b ? b[i] : 0.0f, has_c ? c[i] : 0.0f);
  }
}

template <std::size_t... kFunctions>
MapKernel pick(Function function, std::index_sequence<kFunctions...>) {
  static constexpr std::array kernels = {MapKernel(map<kFunctions>)...};
  return kernels[static_cast<std::size_t>(function)];
}

}  // namespace

MapKernel naive_map_kernel(Function function) { return pick(function, std::make_index_sequence<kFunctionCount>()); }

}  // namespace unfold::kernels
