// Writing safetensors.
#include <fmt/core.h>

#include <cstring>
#include <nlohmann/json.hpp>
#include <vector>

#include "base/checksum.h"
#include "base/file.h"
#include "models/safetensors_layout.h"
#include "unfold/error.h"

namespace unfold {

namespace {

using nlohmann::json;
using namespace safetensors;

using NamedTensor = std::pair<const std::string, StoredTensor>;

/// The arrays in the order of the file.
std::vector<const NamedTensor*> in_file_order(const TensorFile& file) {
  std::vector<const NamedTensor*> ordered;
  for (const TypeEntry& type : kTypes) {
    for (const NamedTensor& tensor : file.tensors) {
      if (tensor.second.type == type.type) ordered.push_back(&tensor);
    }
  }
  return ordered;
}

const char* type_name(StoredTensor::Type type) {
  for (const TypeEntry& entry : kTypes) {
    if (entry.type == type) return entry.name;
  }
  return "";
}

std::string header_text(const TensorFile& file, const std::vector<const NamedTensor*>& ordered) {
  json header;
  json& metadata = header[kMetadata] = json::object();
  for (const auto& [key, text] : file.metadata) metadata[key] = text;
  metadata[kChecksum] = kBlankChecksum;
  std::size_t begin = 0;
  for (const NamedTensor* tensor : ordered) {
    const std::size_t end = begin + tensor->second.bytes.size();
    header[tensor->first] = {{"dtype", type_name(tensor->second.type)},
                             {"shape", tensor->second.shape.extents()},
                             {"data_offsets", {begin, end}}};
    begin = end;
  }
  std::string text = header.dump();
  text.resize((text.size() + kHeaderAlignment - 1) / kHeaderAlignment * kHeaderAlignment, ' ');
  return text;
}

}  // namespace

void write_tensor_file(const std::filesystem::path& path, const TensorFile& file) {
  const std::vector<const NamedTensor*> ordered = in_file_order(file);
  std::string head(kLengthBytes, '\0');
  try {
    head += header_text(file, ordered);
  } catch (const json::exception& error) {
    throw ContractError(fmt::format("{}: the metadata must be UTF-8: {}", path.string(), error.what()));
  }
  const std::uint64_t length = head.size() - kLengthBytes;
  std::memcpy(head.data(), &length, sizeof length);

  std::uint32_t sum = checksum(std::as_bytes(std::span(head)));
  for (const NamedTensor* tensor : ordered) sum = checksum(tensor->second.bytes, sum);
  head.replace(head.find(kChecksumMark) + kChecksumMark.size(), kBlankChecksum.size(), fmt::format("{:08x}", sum));

  write_atomically(path, [&](FileSink& sink) {
    sink.write(std::string_view(head));
    for (const NamedTensor* tensor : ordered) sink.write(std::span<const std::byte>(tensor->second.bytes));
  });
}

}  // namespace unfold
