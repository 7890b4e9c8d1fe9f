// Details of the format that its reader and its writer share.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "models/safetensors.h"

namespace unfold::safetensors {

static_assert(std::endian::native == std::endian::little, "safetensors files are little-endian");

struct TypeEntry {
  StoredTensor::Type type;
  const char* name;
  std::uint64_t size;  // in bytes
};

/// Wider types first: the order in which they are written.
inline constexpr std::array<TypeEntry, 6> kTypes = {{
    {StoredTensor::Type::kF64, "F64", 8},
    {StoredTensor::Type::kU64, "U64", 8},
    {StoredTensor::Type::kF32, "F32", 4},
    {StoredTensor::Type::kU32, "U32", 4},
    {StoredTensor::Type::kBF16, "BF16", 2},
    {StoredTensor::Type::kI8, "I8", 1},
}};

inline constexpr std::uint64_t kLengthBytes = 8;
inline constexpr std::uint64_t kHeaderAlignment = 8;
inline constexpr std::uint64_t kLongestHeader = 100'000'000;  // what every reader of the format accepts

inline constexpr const char* kMetadata = "__metadata__";
inline constexpr const char* kChecksum = "checksum";
/// What stands before the checksum's digits in the header. A quote within a text is escaped, so it stands there once.
inline constexpr std::string_view kChecksumMark = "\"checksum\":\"";
inline constexpr std::string_view kBlankChecksum = "00000000";

}  // namespace unfold::safetensors
