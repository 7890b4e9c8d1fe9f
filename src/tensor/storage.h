// Memory of tensors. Large blocks are kept when they are freed and given out again: the system clears every page that
// it hands out, which was measured to cost a tenth of a training step.
#pragma once

#include <cstddef>

namespace unfold {

/// Of all tensors of the process since its start, in bytes and blocks.
struct StorageUse {
  std::size_t in_use = 0;         // large blocks that tensors hold now
  std::size_t kept = 0;           // free blocks that wait to be used again
  std::size_t peak = 0;           // the largest in_use + kept there has been, since restart_storage_peak
  std::size_t system_blocks = 0;  // large blocks that were asked of the system
};

/// Uninitialised memory of at least `bytes` > 0, aligned to 64 bytes. Throws std::bad_alloc. Thread-safe.
void* take_storage(std::size_t bytes);
/// What take_storage gave, or null. It is free when all its owners have returned it.
void return_storage(void* memory) noexcept;
/// Makes the caller one more owner of what take_storage gave. Thread-safe.
void share_storage(void* memory) noexcept;
/// Whether it has more than one owner.
bool is_shared_storage(const void* memory) noexcept;

/// Gives a container memory of the same kind.
template <class Element>
struct StorageAllocator {
  using value_type = Element;
  Element* allocate(std::size_t count) { return static_cast<Element*>(take_storage(count * sizeof(Element))); }
  void deallocate(Element* elements, std::size_t) noexcept { return_storage(elements); }
  bool operator==(const StorageAllocator&) const = default;
};

StorageUse storage_use();

/// Frees what is kept: for the sake of something else that needs much memory.
void release_kept_storage();

/// The same, and counts the peak anew: for measuring a part of a program.
void restart_storage_peak();

}  // namespace unfold
