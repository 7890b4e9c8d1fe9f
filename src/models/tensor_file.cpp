// What a tensor file holds, whatever its format on disk.
#include <fmt/core.h>

#include <cstring>

#include "models/safetensors.h"
#include "unfold/error.h"

namespace unfold {

namespace {

const char* type_name(StoredTensor::Type type) {
  switch (type) {
    case StoredTensor::Type::kF32: return "F32";
    case StoredTensor::Type::kF64: return "F64";
    case StoredTensor::Type::kU64: return "U64";
    case StoredTensor::Type::kU32: return "U32";
    case StoredTensor::Type::kBF16: return "BF16";
    case StoredTensor::Type::kI8: return "I8";
  }
  return "";
}

template <class Number>
StoredTensor stored(StoredTensor::Type type, Shape shape, std::span<const Number> values) {
  const std::span<const std::byte> bytes = std::as_bytes(values);
  return {type, std::move(shape), {bytes.begin(), bytes.end()}};
}

StoredTensor take_stored(TensorFile& file, const std::string& name, StoredTensor::Type type, const Shape& shape) {
  const auto found = file.tensors.find(name);
  if (found == file.tensors.end()) {
    throw InputError(
        fmt::format("{}: tensor '{}' is missing; expected {} {}", file.path, name, type_name(type), shape.text()));
  }
  if (found->second.type != type || found->second.shape != shape) {
    throw InputError(fmt::format("{}: tensor '{}' is {} {}; expected {} {}", file.path, name,
                                 type_name(found->second.type), found->second.shape.text(), type_name(type),
                                 shape.text()));
  }
  StoredTensor tensor = std::move(found->second);
  file.tensors.erase(found);
  return tensor;
}

template <class Number>
void copy_bytes(const StoredTensor& from, std::span<Number> to) {
  if (!to.empty()) std::memcpy(to.data(), from.bytes.data(), to.size_bytes());
}

template <class Number>
std::vector<Number> take_values(TensorFile& file, const std::string& name, StoredTensor::Type type,
                                const Shape& shape) {
  const StoredTensor from = take_stored(file, name, type, shape);
  std::vector<Number> values(static_cast<std::size_t>(shape.count()));
  copy_bytes(from, std::span(values));
  return values;
}

}  // namespace

StoredTensor StoredTensor::of(const Tensor& values) { return stored(Type::kF32, values.shape(), values.values()); }

StoredTensor StoredTensor::of(std::span<const double> values) {
  return stored(Type::kF64, {static_cast<Index>(values.size())}, values);
}

StoredTensor StoredTensor::of(std::span<const std::uint64_t> values) {
  return stored(Type::kU64, {static_cast<Index>(values.size())}, values);
}

StoredTensor StoredTensor::of_bf16(std::span<const std::uint16_t> values, const Shape& shape) {
  return stored(Type::kBF16, shape, values);
}

StoredTensor StoredTensor::of_int8(std::span<const std::int8_t> values, const Shape& shape) {
  return stored(Type::kI8, shape, values);
}

StoredTensor StoredTensor::of(std::span<const std::uint32_t> values, Index columns) {
  return stored(Type::kU32, {static_cast<Index>(values.size()) / columns, columns}, values);
}

Tensor TensorFile::take(const std::string& name, const Shape& shape) {
  const StoredTensor from = take_stored(*this, name, StoredTensor::Type::kF32, shape);
  Tensor tensor = Tensor::uninitialised(shape);
  copy_bytes(from, tensor.values());
  return tensor;
}

std::vector<std::uint16_t> TensorFile::take_bf16(const std::string& name, const Shape& shape) {
  return take_values<std::uint16_t>(*this, name, StoredTensor::Type::kBF16, shape);
}

std::vector<std::int8_t> TensorFile::take_int8(const std::string& name, const Shape& shape) {
  return take_values<std::int8_t>(*this, name, StoredTensor::Type::kI8, shape);
}

std::vector<double> TensorFile::take_doubles(const std::string& name, Index count) {
  return take_values<double>(*this, name, StoredTensor::Type::kF64, {count});
}

std::vector<std::uint64_t> TensorFile::take_integers(const std::string& name, Index count) {
  return take_values<std::uint64_t>(*this, name, StoredTensor::Type::kU64, {count});
}

std::vector<std::uint32_t> TensorFile::take_table(const std::string& name, Index columns) {
  const auto found = tensors.find(name);
  const bool is_table = found != tensors.end() && found->second.shape.rank() == 2;
  const Index rows = is_table ? found->second.shape[0] : 0;
  return take_values<std::uint32_t>(*this, name, StoredTensor::Type::kU32, {rows, columns});
}

void TensorFile::expect_all_taken() const {
  if (tensors.empty()) return;
  throw InputError(fmt::format("{}: tensor '{}' is not part of this model", path, tensors.begin()->first));
}

const std::string& TensorFile::text(const std::string& key) const {
  const auto found = metadata.find(key);
  if (found == metadata.end()) throw InputError(fmt::format("{}: the metadata lack '{}'", path, key));
  return found->second;
}

}  // namespace unfold
