// Which kernels run: the fast ones or their naive twins, and up to which instruction set. Read once from the
// environment.
#pragma once

namespace unfold::kernels {

/// True where UNFOLD_KERNELS=naive: every kernel is replaced by its naive twin, the definition of right. Unset or
/// "fast" is false; anything else is a UsageError.
bool naive_kernels();

/// Applies UNFOLD_ISA = scalar, sse4, avx2 or avx512 to the elementwise kernels and to the matrix products, so that a
/// weaker machine can be simulated; unset means all this machine has. (Products know no level below SSE4.1.) Every
/// choice of a kernel calls this first; the first call acts. Throws UsageError for another name.
void limit_instruction_set();

/// Whether this processor has AVX-512, and UNFOLD_ISA does not forbid it.
bool multiplies_512_bits();

}  // namespace unfold::kernels
