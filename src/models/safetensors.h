// Files of named arrays and named texts in the safetensors format: models, and checkpoints of training.
//
// Layout: the header's length (8 bytes, little-endian), the header (JSON, padded with spaces to a multiple of 8), the
// arrays' bytes without holes: little-endian, row-major, wider types first, then by name. `__metadata__` holds the
// texts, among them "checksum": CRC-32 of the whole file with the checksum's own 8 digits taken as '0'. Format:
// https://github.com/huggingface/safetensors
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "tensor/storage.h"
#include "unfold/tensor.h"

namespace unfold {

/// The bytes of an array of any type that is stored.
struct StoredTensor {
  enum class Type : std::uint8_t { kF32, kF64, kU64, kU32, kBF16, kI8 };

  Type type = Type::kF32;
  Shape shape;
  std::vector<std::byte, StorageAllocator<std::byte>> bytes;

  static StoredTensor of(const Tensor& values);
  static StoredTensor of(std::span<const double> values);
  static StoredTensor of(std::span<const std::uint64_t> values);
  /// The upper halves of floats.
  static StoredTensor of_bf16(std::span<const std::uint16_t> values, const Shape& shape);
  static StoredTensor of_int8(std::span<const std::int8_t> values, const Shape& shape);
  /// [rows, columns], row after row.
  static StoredTensor of(std::span<const std::uint32_t> values, Index columns);
};

struct TensorFile {
  std::map<std::string, StoredTensor> tensors;
  std::map<std::string, std::string> metadata;  // without the checksum
  std::string path;                             // where it was read from, for messages

  /// Takes an array out. Throws InputError where it is missing or of another type or shape.
  Tensor take(const std::string& name, const Shape& shape);
  std::vector<std::uint16_t> take_bf16(const std::string& name, const Shape& shape);
  std::vector<std::int8_t> take_int8(const std::string& name, const Shape& shape);
  std::vector<double> take_doubles(const std::string& name, Index count);
  std::vector<std::uint64_t> take_integers(const std::string& name, Index count);
  /// [rows, columns] with any number of rows.
  std::vector<std::uint32_t> take_table(const std::string& name, Index columns);
  /// Throws InputError, naming it, if an array is left that nobody took.
  void expect_all_taken() const;
  /// A text of the metadata. Throws InputError where it is missing.
  const std::string& text(const std::string& key) const;
};

/// Replaces `path` atomically. Throws InputError where that fails; then the previous file is untouched.
void write_tensor_file(const std::filesystem::path& path, const TensorFile& file);

/// Throws InputError, naming file and fault, for everything that write_tensor_file could not have written, every
/// truncation and every flipped bit included.
TensorFile read_tensor_file(const std::filesystem::path& path);

/// As read_tensor_file, from memory. `path` is for messages.
TensorFile parse_tensor_file(std::string content, const std::string& path);

}  // namespace unfold
