// Memory by pages of the system.
#pragma once

#include <cstddef>

namespace unfold::kernels {

/// Whole pages for `bytes`, or null. Returned, they are the system's again at once; a C library may keep what is freed,
/// so that a program that no longer needs memory still has it.
void* take_pages(std::size_t bytes) noexcept;
/// What take_pages gave for `bytes`.
void return_pages(void* pages, std::size_t bytes) noexcept;

/// Asks for large pages behind memory that has not been written yet, where the system has them: what is read from end
/// to end again and again then needs few addresses looked up. Does nothing elsewhere.
void prefer_large_pages(void* memory, std::size_t bytes) noexcept;

}  // namespace unfold::kernels
