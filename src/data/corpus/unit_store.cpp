#include "data/corpus/unit_store.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>

#include "data/corpus/token_storage.h"
#include "unfold/error.h"

namespace unfold {
namespace {

// Stored numbers are one more than the units, so that the boundary, which is the largest, becomes 0 and costs no width.
std::int32_t stored(Unit unit) { return static_cast<std::int32_t>(unit + 1); }
Unit restored(std::int32_t number) { return static_cast<Unit>(number) - 1; }

}  // namespace

UnitStore::UnitStore(const std::filesystem::path& file)
    : path_(file), file_(::open(file.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0666)) {
  if (!file_.is_open()) throw InputError(fmt::format("cannot write '{}': {}", path_.string(), system_reason()));
  ::unlink(file.c_str());  // the descriptor keeps it until it is closed
}

void UnitStore::append(std::span<const Unit> units) {
  if (units.empty()) return;
  std::vector<std::int32_t> numbers;
  numbers.reserve(units.size());
  for (const Unit unit : units) numbers.push_back(stored(unit));
  const Block block{bytes_, static_cast<Index>(units.size()),
                    token_width(*std::max_element(numbers.begin(), numbers.end()))};
  std::vector<std::byte> bytes(static_cast<std::size_t>(block.count * block.width));
  pack_tokens(numbers, block.width, bytes.data());
  if (!write_all(file_.number(), bytes)) {
    throw InputError(fmt::format("cannot write '{}': {}; free some space, or choose another disk for the run",
                                 path_.string(), system_reason()));
  }
  blocks_.push_back(block);
  size_ += block.count;
  bytes_ += static_cast<Index>(bytes.size());
}

std::vector<Unit> UnitStore::read(std::size_t block) const {
  const Block& place = blocks_[block];
  std::vector<std::byte> bytes(static_cast<std::size_t>(place.count * place.width));
  std::size_t done = 0;
  while (done < bytes.size()) {
    const ssize_t count = ::pread(file_.number(), bytes.data() + done, bytes.size() - done,
                                  static_cast<off_t>(place.begin) + static_cast<off_t>(done));
    if (count <= 0) throw InputError(fmt::format("cannot read '{}' again: {}", path_.string(), system_reason()));
    done += static_cast<std::size_t>(count);
  }
  std::vector<std::int32_t> numbers(static_cast<std::size_t>(place.count));
  unpack_tokens(bytes.data(), place.width, numbers);
  std::vector<Unit> units;
  units.reserve(numbers.size());
  for (const std::int32_t number : numbers) units.push_back(restored(number));
  return units;
}

}  // namespace unfold
