#include "tensor/kernels/choice.h"

#include <fmt/format.h>
#include <hwy/targets.h>

#include <cstdlib>
#include <oneapi/dnnl/dnnl.hpp>
#include <string_view>

#include "unfold/error.h"
#include "unfold/precision.h"

namespace unfold::kernels {

namespace {

/// Value of an environment variable; empty where it is not set.
std::string_view setting(const char* variable) {
  const char* value = std::getenv(variable);
  return value == nullptr ? std::string_view() : std::string_view(value);
}

bool read_kernels() {
  const std::string_view value = setting("UNFOLD_KERNELS");
  if (value == "naive") return true;
  if (value.empty() || value == "fast") return false;
  throw UsageError(fmt::format("the environment variable UNFOLD_KERNELS is '{}'; it can be 'fast' or 'naive'", value));
}

struct InstructionSet {
  std::string_view name;
  /// Highway numbers better targets lower: this and everything weaker stays.
  std::int64_t best_target;
  dnnl::cpu_isa products;
};

#if HWY_ARCH_X86
constexpr InstructionSet kInstructionSets[] = {
    {"scalar", HWY_SCALAR, dnnl::cpu_isa::sse41},
    {"sse4", HWY_SSE4, dnnl::cpu_isa::sse41},
    {"avx2", HWY_AVX2, dnnl::cpu_isa::avx2},
    {"avx512", HWY_AVX3, dnnl::cpu_isa::avx512_core},
};
#else
constexpr InstructionSet kInstructionSets[] = {{"scalar", HWY_SCALAR, dnnl::cpu_isa::all}};
#endif

bool apply_limit() {
  const std::string_view value = setting("UNFOLD_ISA");
  if (value.empty()) return true;
  for (const InstructionSet& set : kInstructionSets) {
    if (set.name != value) continue;
    hwy::DisableTargets(set.best_target - 1);
    // oneDNN refuses once it has made a primitive. Nothing in this library makes one before this, but a host program
    // that uses oneDNN itself may have; its choice then stands.
    static_cast<void>(dnnl::set_max_cpu_isa(set.products));
    return true;
  }
  throw UsageError(fmt::format(
      "the environment variable UNFOLD_ISA is '{}'; it can be 'scalar', 'sse4', 'avx2' or 'avx512'", value));
}

}  // namespace

bool naive_kernels() {
  static const bool naive = read_kernels();
  return naive;
}

void limit_instruction_set() { [[maybe_unused]] static const bool applied = apply_limit(); }

namespace {

#if HWY_ARCH_X86
/// Instruction sets are sets of bits there: what has more contains the bits of what has less.
bool has(dnnl::cpu_isa needed) {
  const auto bits = [](dnnl::cpu_isa isa) { return static_cast<unsigned>(isa); };
  limit_instruction_set();
  return (bits(dnnl::get_effective_cpu_isa()) & bits(needed)) == bits(needed);
}

bool has_512_bits() { return has(dnnl::cpu_isa::avx512_core); }
bool has_bfloat16() { return has(dnnl::cpu_isa::avx512_core_bf16); }
#else
bool has_512_bits() { return false; }
bool has_bfloat16() { return false; }
#endif

}  // namespace

bool multiplies_512_bits() { return has_512_bits(); }

}  // namespace unfold::kernels

namespace unfold {

bool multiplies_bfloat16() { return kernels::naive_kernels() || kernels::has_bfloat16(); }

}  // namespace unfold
