#include "tensor/kernels/pages.h"

// The address sanitizer watches over what the C library gives, not over pages.
#if defined(__linux__) && !defined(__SANITIZE_ADDRESS__)
#include <sys/mman.h>

#include <cstdint>
#else
#include <cstdlib>
#endif

namespace unfold::kernels {

#if defined(__linux__) && !defined(__SANITIZE_ADDRESS__)

void* take_pages(std::size_t bytes) noexcept {
  void* pages = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  return pages == MAP_FAILED ? nullptr : pages;
}

void return_pages(void* pages, std::size_t bytes) noexcept { munmap(pages, bytes); }

void prefer_large_pages(void* memory, std::size_t bytes) noexcept {
  constexpr std::uintptr_t kPage = 4096;
  const auto first = reinterpret_cast<std::uintptr_t>(memory);
  const std::uintptr_t begin = (first + kPage - 1) / kPage * kPage, end = (first + bytes) / kPage * kPage;
  if (begin < end) madvise(reinterpret_cast<void*>(begin), end - begin, MADV_HUGEPAGE);
}

#else

void* take_pages(std::size_t bytes) noexcept {
  constexpr std::size_t kPage = 4096;
  return std::aligned_alloc(kPage, (bytes + kPage - 1) / kPage * kPage);
}

void return_pages(void* pages, std::size_t) noexcept { std::free(pages); }

void prefer_large_pages(void*, std::size_t) noexcept {}

#endif

}  // namespace unfold::kernels
