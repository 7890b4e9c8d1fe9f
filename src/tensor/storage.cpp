#include "tensor/storage.h"

#include <algorithm>
#include <atomic>
#include <bit>
#include <cstdint>
#include <cstdlib>
#include <limits>
#include <map>
#include <memory>
#include <mutex>
#include <new>
#include <vector>

#include "tensor/kernels/pages.h"

namespace unfold {
namespace {

/// One cache line, and the widest vector register. The first line of a block says what it is, the tensor lies behind.
constexpr std::size_t kAlignment = 64;

struct Header {
  void* memory;  // what the C library gave, of a small block
  std::size_t size;
  std::atomic<int> owners;
};
static_assert(sizeof(Header) <= kAlignment);

Header& header_of(void* memory) noexcept {
  return *reinterpret_cast<Header*>(static_cast<std::byte*>(memory) - kAlignment);
}

/// Smaller blocks are left to the C library, which keeps them itself.
constexpr std::size_t kLarge = 64 * 1024;

/// The size of the block that serves `bytes`: an eighth of a power of two more at most, so that the blocks of one
/// ragged batch serve the next, and the line for its size.
std::size_t block_size(std::size_t bytes) {
  const std::size_t step = bytes < kLarge ? kAlignment : std::bit_floor(bytes) / 8;
  return (bytes + step - 1) / step * step + kAlignment;
}

/// Aligned by hand: aligned_alloc was measured to take three times as long, a fiftieth of a small model's token.
Header* take_small(std::size_t size) {
  std::size_t space = size + kAlignment;
  void* const memory = std::malloc(space);
  if (memory == nullptr) throw std::bad_alloc();
  void* block = memory;
  std::align(kAlignment, size, block, space);
  return new (block) Header{memory, size, 1};
}

/// From this size on blocks are pages of their own.
constexpr std::size_t kPages = 1024 * 1024;

void* ask_system(std::size_t size) {
  return size < kPages ? std::aligned_alloc(kAlignment, size) : kernels::take_pages(size);
}

void return_to_system(void* block, std::size_t size) noexcept {
  size < kPages ? std::free(block) : kernels::return_pages(block, size);
}

/// A size that was given up fewer blocks ago than this was still needed: more than a step of training takes.
constexpr std::uint64_t kSoon = 1024;

/// Free blocks by their size. Blocks fit exactly or not at all, so what a step takes and returns is the same each time.
class Store {
 public:
  void* take(std::size_t size) {
    const std::scoped_lock lock(mutex_);
    std::vector<Free>& free = free_[size];
    void* block = nullptr;
    ++taken_;
    if (!free.empty()) {
      block = free.back().block;
      free.pop_back();
      use_.kept -= size;
    } else {
      block = take_new(size);
      free.reserve(8);  // so that giving back, which may not fail, seldom asks for memory
    }
    use_.in_use += size;
    most_in_use_ = std::max(most_in_use_, use_.in_use);
    use_.peak = std::max(use_.peak, use_.in_use + use_.kept);
    return block;
  }

  void give_back(void* block, std::size_t size) noexcept {
    const std::scoped_lock lock(mutex_);
    use_.in_use -= size;
    try {
      free_[size].push_back({block, taken_});
      use_.kept += size;
    } catch (const std::bad_alloc&) {
      return_to_system(block, size);
    }
  }

  void release_kept() {
    const std::scoped_lock lock(mutex_);
    release_all();
  }

  void restart_peak() {
    const std::scoped_lock lock(mutex_);
    release_all();
    use_.peak = most_in_use_ = use_.in_use;
    missed_ = 0;
  }

  StorageUse use() const {
    const std::scoped_lock lock(mutex_);
    return use_;
  }

 private:
  struct Free {
    void* block;
    std::uint64_t since;  // blocks taken before it was given back
  };

  void* take_new(std::size_t size) {
    // Shapes have changed. With what is kept for the old ones, tensors take an eighth more than they have held at once:
    // blocks of one size cannot serve another. Where even one step's blocks of all sizes are more than that, what it
    // misses is added, up to a quarter.
    const auto gone = given_up_.find(size);
    if (gone != given_up_.end() && taken_ - gone->second < kSoon) missed_ += size;
    const std::size_t most = most_in_use_ + most_in_use_ / 8 + std::min(missed_, most_in_use_ / 4);
    release_down_to(most - std::min(most, use_.in_use + size));
    void* block = ask_system(size);
    if (block == nullptr) {
      release_down_to(0);
      block = ask_system(size);
    }
    if (block == nullptr) throw std::bad_alloc();
    ++use_.system_blocks;
    return block;
  }

  /// Because somebody wants it so, which says nothing about what is needed.
  void release_all() {
    release_down_to(0);
    given_up_.clear();
  }

  /// Those go first that have been free for longest.
  void release_down_to(std::size_t kept) {
    while (use_.kept > kept) {
      const auto since = [](const auto& list) {
        return list.second.empty() ? std::numeric_limits<std::uint64_t>::max() : list.second.front().since;
      };
      auto& [size, blocks] = *std::ranges::min_element(free_, {}, since);
      return_to_system(blocks.front().block, size);
      blocks.erase(blocks.begin());
      use_.kept -= size;
      given_up_[size] = taken_;
    }
  }

  mutable std::mutex mutex_;
  std::map<std::size_t, std::vector<Free>> free_;
  std::map<std::size_t, std::uint64_t> given_up_;  // when a block of the size last was, in blocks taken
  StorageUse use_;
  std::uint64_t taken_ = 0;
  std::size_t most_in_use_ = 0;
  std::size_t missed_ = 0;
};

/// Never destroyed: tensors of static storage may outlive it.
Store& store() {
  static Store* const everywhere = new Store;
  return *everywhere;
}

}  // namespace

void* take_storage(std::size_t bytes) {
  const std::size_t size = block_size(bytes);
  Header* const header = size < kLarge ? take_small(size) : new (store().take(size)) Header{nullptr, size, 1};
  return reinterpret_cast<std::byte*>(header) + kAlignment;
}

void return_storage(void* memory) noexcept {
  if (memory == nullptr) return;
  Header& header = header_of(memory);
  if (header.owners.fetch_sub(1) > 1) return;
  const std::size_t size = header.size;
  if (size >= kLarge) return store().give_back(&header, size);
  std::free(header.memory);
}

void share_storage(void* memory) noexcept { header_of(memory).owners.fetch_add(1); }

bool is_shared_storage(const void* memory) noexcept { return header_of(const_cast<void*>(memory)).owners.load() > 1; }

StorageUse storage_use() { return store().use(); }

void release_kept_storage() { store().release_kept(); }

void restart_storage_peak() { store().restart_peak(); }

}  // namespace unfold
