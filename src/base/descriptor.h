// A file descriptor that closes itself, and the system calls on it that must be repeated or finished.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <utility>

namespace unfold {

class Descriptor {
 public:
  /// `number` as open(2) returns it, -1 for none.
  explicit Descriptor(int number) : number_(number) {}
  Descriptor(Descriptor&& other) noexcept : number_(other.number_) { other.number_ = -1; }
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(number_, other.number_);
    return *this;
  }
  ~Descriptor();

  bool is_open() const { return number_ >= 0; }
  int number() const { return number_; }

 private:
  int number_;
};

/// Writes all bytes. False with errno set where the system refuses.
bool write_all(int descriptor, std::span<const std::byte> bytes);

/// "No space left on device", from errno.
std::string system_reason();

}  // namespace unfold
