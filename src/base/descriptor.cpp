// File descriptors of the system.
#include "base/descriptor.h"

#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace unfold {

Descriptor::~Descriptor() {
  if (is_open()) ::close(number_);
}

bool write_all(int descriptor, std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(descriptor, bytes.data(), bytes.size());
    if (written < 0 && errno != EINTR) return false;
    if (written > 0) bytes = bytes.subspan(static_cast<std::size_t>(written));
  }
  return true;
}

std::string system_reason() { return std::generic_category().message(errno); }

}  // namespace unfold
