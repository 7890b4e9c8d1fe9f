// What kernels share that are written with instructions of x86 processors which Highway does not know, or knows too
// slowly: AVX-512's, and those for bfloat16.
#pragma once

#include "tensor/kernels/choice.h"
#include "unfold/precision.h"
#include "unfold/tensor.h"

#if defined(__x86_64__)
#define UNFOLD_HAS_AVX512 1
#include <immintrin.h>
// GCC 12 takes what its intrinsics leave undefined for a mistake.
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
/// Of a function that may use them; it runs only where `has_avx512`, and `has_fast_bfloat16` where it multiplies
/// bfloat16: compilers do so only where they are told.
#define UNFOLD_AVX512 __attribute__((target("avx512f,avx512bw,avx512vl,avx512bf16")))

namespace unfold::kernels {

inline constexpr Index kFloatLanes = 16;

inline __mmask16 first_lanes(Index count) {
  return static_cast<__mmask16>(count >= kFloatLanes ? 0xffff : count <= 0 ? 0 : (1U << count) - 1U);
}

inline bool has_avx512() {
  static const bool has = multiplies_512_bits() && !naive_kernels();
  return has;
}

inline bool has_fast_bfloat16() {
  static const bool has = multiplies_bfloat16() && !naive_kernels();
  return has;
}

}  // namespace unfold::kernels
#else
#define UNFOLD_HAS_AVX512 0
#endif
