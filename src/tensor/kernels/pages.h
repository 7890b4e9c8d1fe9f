// Memory by pages of the system.
#pragma once

#include <cstddef>

namespace unfold::kernels {

/// Whole pages for `bytes`, or null. Returned, they are the system's again at once; a C library may keep what is freed,
/// so that a program that no longer needs memory still has it.
void* take_pages(std::size_t bytes) noexcept;
/// What take_pages gave for `bytes`.
void return_pages(void* pages, std::size_t bytes) noexcept;

}  // namespace unfold::kernels
