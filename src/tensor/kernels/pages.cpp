#include "tensor/kernels/pages.h"

// The address sanitizer watches over what the C library gives, not over pages.
#if defined(__linux__) && !defined(__SANITIZE_ADDRESS__)
#include <sys/mman.h>
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

#else

void* take_pages(std::size_t bytes) noexcept {
  constexpr std::size_t kPage = 4096;
  return std::aligned_alloc(kPage, (bytes + kPage - 1) / kPage * kPage);
}

void return_pages(void* pages, std::size_t) noexcept { std::free(pages); }

#endif

}  // namespace unfold::kernels
