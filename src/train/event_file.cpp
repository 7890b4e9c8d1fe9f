#include "train/event_file.h"

#include <fmt/core.h>

#include <bit>
#include <cstdint>

#include "base/checksum.h"

namespace unfold {
namespace {

constexpr const char* kPrefix = "events.out.tfevents.";

/// The lowest `bytes` bytes of a number, little-endian.
std::string fixed(std::uint64_t value, int bytes) {
  std::string text;
  for (int i = 0; i < bytes; ++i) text += static_cast<char>(value >> (8 * i) & 0xFF);
  return text;
}

std::string varint(std::uint64_t value) {
  std::string text;
  for (; value >= 0x80; value >>= 7) text += static_cast<char>((value & 0x7F) | 0x80);
  return text + static_cast<char>(value);
}

// A field of a message: its number and wire type, then the value.
std::string field(int number, int wire_type, const std::string& value) {
  return varint(static_cast<std::uint64_t>(number << 3 | wire_type)) + value;
}
std::string integer_field(int number, std::uint64_t value) { return field(number, 0, varint(value)); }
std::string double_field(int number, double value) {
  return field(number, 1, fixed(std::bit_cast<std::uint64_t>(value), 8));
}
std::string bytes_field(int number, const std::string& value) { return field(number, 2, varint(value.size()) + value); }
std::string float_field(int number, double value) {
  return field(number, 5, fixed(std::bit_cast<std::uint32_t>(static_cast<float>(value)), 4));
}

/// TensorFlow's way to keep checksums of checksums apart.
std::string masked_checksum(const std::string& bytes) {
  const std::uint32_t sum = checksum_castagnoli(std::as_bytes(std::span(bytes)));
  return fixed((sum >> 15 | sum << 17) + 0xA282EAD8U, 4);
}

/// Length, its checksum, the event, its checksum.
std::string record(const std::string& event) {
  const std::string length = fixed(event.size(), 8);
  return length + masked_checksum(length) + event + masked_checksum(event);
}

}  // namespace

std::string scalars_record(double wall_time, Index step, const Scalars& scalars) {
  std::string summary;
  for (const auto& [tag, value] : scalars) {
    summary += bytes_field(1, bytes_field(1, tag) + float_field(2, value));  // Summary.Value: tag, simple_value
  }
  return record(double_field(1, wall_time) + integer_field(2, static_cast<std::uint64_t>(step)) +
                bytes_field(5, summary));
}

std::string opening_records(double wall_time) {
  const std::string session_starts = integer_field(1, 1);
  return record(double_field(1, wall_time) + bytes_field(3, "brain.Event:2")) +
         record(double_field(1, wall_time) + bytes_field(7, session_starts));
}

std::string event_file_name(double wall_time) { return fmt::format("{}{:010.0f}.unfold", kPrefix, wall_time); }

bool is_event_file(const std::filesystem::path& file) { return file.filename().string().starts_with(kPrefix); }

}  // namespace unfold
