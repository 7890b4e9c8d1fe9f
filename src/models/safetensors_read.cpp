// Reading safetensors. Nothing in the file is trusted: every length is checked before it is used.
#include <fmt/core.h>

#include <algorithm>
#include <cstring>
#include <limits>
#include <nlohmann/json.hpp>
#include <set>

#include "base/checksum.h"
#include "base/file.h"
#include "models/safetensors_layout.h"
#include "unfold/error.h"

namespace unfold {

namespace {

using nlohmann::json;
using namespace safetensors;

constexpr auto kLargestIndex = static_cast<std::uint64_t>(std::numeric_limits<Index>::max());

class Reader {
 public:
  Reader(std::string content, const std::string& path) : content_(std::move(content)) { file_.path = path; }

  TensorFile read() {
    find_header();
    const json header = parse_header();
    read_metadata(header);
    verify_checksum();
    for (const auto& [name, entry] : header.items()) {
      if (name != kMetadata) read_tensor(name, entry);
    }
    expect_no_holes();
    return std::move(file_);
  }

 private:
  [[noreturn]] void fail(const std::string& fault) const { throw InputError(fmt::format("{}: {}", file_.path, fault)); }

  void find_header() {
    std::uint64_t length = 0;
    if (content_.size() < kLengthBytes) fail("not a model or checkpoint of unfold: shorter than a safetensors header");
    std::memcpy(&length, content_.data(), sizeof length);
    const std::uint64_t rest = content_.size() - kLengthBytes;
    // Most files of another kind announce an absurd length, and have no brace where the header would begin.
    if (length > kLongestHeader || (rest > 0 && content_[kLengthBytes] != '{')) {
      fail("not a model or checkpoint of unfold: it does not begin with a safetensors header");
    }
    if (length > rest) fail(fmt::format("truncated: the header has {} bytes, the file {} more", length, rest));
    if (length < 2) fail("not a model or checkpoint of unfold: its safetensors header is empty");
    header_ = std::string_view(content_).substr(kLengthBytes, static_cast<std::size_t>(length));
    data_ = std::string_view(content_).substr(static_cast<std::size_t>(kLengthBytes + length));
  }

  json parse_header() const {
    std::vector<std::set<std::string>> keys;  // of the objects that are open
    std::string duplicate;
    const auto watch = [&](int, json::parse_event_t event, json& parsed) {
      if (event == json::parse_event_t::object_start) keys.emplace_back();
      if (event == json::parse_event_t::object_end) keys.pop_back();
      if (event == json::parse_event_t::key && !keys.back().insert(parsed.get<std::string>()).second) {
        duplicate = parsed.get<std::string>();
      }
      return true;
    };
    try {
      const json header = json::parse(header_, watch);
      if (!duplicate.empty()) fail(fmt::format("damaged: the header names '{}' twice", duplicate));
      return header;
    } catch (const json::exception&) {
      fail("damaged: the header is not JSON");
    }
  }

  void read_metadata(const json& header) {
    const auto metadata = header.find(kMetadata);
    if (metadata == header.end() || !metadata->is_object()) fail_without_checksum();
    for (const auto& [key, text] : metadata->items()) {
      if (!text.is_string()) fail(fmt::format("damaged: metadata '{}' is not a text", key));
      file_.metadata[key] = text.get<std::string>();
    }
  }

  [[noreturn]] void fail_without_checksum() const {
    fail("a safetensors file without unfold's checksum: it is damaged, or another program wrote it");
  }

  void verify_checksum() {
    const auto stated = file_.metadata.find(kChecksum);
    const std::size_t mark = header_.find(kChecksumMark);
    if (stated == file_.metadata.end() || mark == std::string_view::npos ||
        stated->second.size() != kBlankChecksum.size()) {
      fail_without_checksum();
    }
    const std::size_t digits = kLengthBytes + mark + kChecksumMark.size();
    content_.replace(digits, kBlankChecksum.size(), kBlankChecksum);
    const std::string computed = fmt::format("{:08x}", checksum(std::as_bytes(std::span(content_))));
    if (computed != stated->second) {
      fail(fmt::format("damaged or truncated: its checksum is {}, but {} was written", computed, stated->second));
    }
    file_.metadata.erase(stated);
  }

  void read_tensor(const std::string& name, const json& entry) {
    if (!entry.is_object() || entry.size() != 3 || !entry.contains("dtype") || !entry.contains("shape") ||
        !entry.contains("data_offsets")) {
      fail(fmt::format("damaged: tensor '{}' needs exactly dtype, shape and data_offsets", name));
    }
    const TypeEntry type = read_type(name, entry["dtype"]);
    const std::vector<std::uint64_t> extents = read_integers(name, entry["shape"]);
    const std::vector<std::uint64_t> offsets = read_integers(name, entry["data_offsets"]);
    if (offsets.size() != 2 || offsets[0] > offsets[1] || offsets[1] > data_.size()) {
      fail(fmt::format("damaged or truncated: tensor '{}' lies outside the file", name));
    }
    if (byte_count(extents, type.size) != offsets[1] - offsets[0]) {
      fail(fmt::format("damaged: tensor '{}' has {} bytes, not what its shape needs", name, offsets[1] - offsets[0]));
    }
    ranges_.emplace_back(offsets[0], offsets[1]);
    const std::string_view bytes = data_.substr(offsets[0], offsets[1] - offsets[0]);
    const auto raw = std::as_bytes(std::span(bytes));
    file_.tensors[name] = {
        type.type, Shape(std::vector<Index>(extents.begin(), extents.end())), {raw.begin(), raw.end()}};
  }

  TypeEntry read_type(const std::string& name, const json& dtype) const {
    for (const TypeEntry& entry : kTypes) {
      if (dtype == entry.name) return entry;
    }
    fail(fmt::format("tensor '{}' has type {}; expected F32, F64, U64, U32, BF16 or I8", name, dtype.dump()));
  }

  std::vector<std::uint64_t> read_integers(const std::string& name, const json& list) const {
    const auto is_index = [](const json& number) {
      return number.is_number_unsigned() && number.get<std::uint64_t>() <= kLargestIndex;
    };
    const bool all = list.is_array() && std::all_of(list.begin(), list.end(), is_index);
    if (!all) fail(fmt::format("damaged: tensor '{}' has extents or offsets that are not whole numbers", name));
    return list.get<std::vector<std::uint64_t>>();
  }

  /// Size of an array, or more than the file's where the multiplication would overflow.
  std::uint64_t byte_count(const std::vector<std::uint64_t>& extents, std::uint64_t size) const {
    if (std::find(extents.begin(), extents.end(), 0U) != extents.end()) return 0;
    for (const std::uint64_t extent : extents) {
      if (extent > data_.size() / size + 1) return data_.size() + 1;
      size *= extent;
    }
    return size;
  }

  void expect_no_holes() {
    std::sort(ranges_.begin(), ranges_.end());
    std::uint64_t end = 0;
    for (const auto& range : ranges_) {
      if (range.first != end) fail("damaged: its tensors overlap or leave a hole");
      end = range.second;
    }
    if (end != data_.size()) fail("damaged: bytes follow its last tensor");
  }

  std::string content_;
  std::string_view header_;
  std::string_view data_;
  std::vector<std::pair<std::uint64_t, std::uint64_t>> ranges_;
  TensorFile file_;
};

}  // namespace

TensorFile parse_tensor_file(std::string content, const std::string& path) {
  return Reader(std::move(content), path).read();
}

TensorFile read_tensor_file(const std::filesystem::path& path) {
  return parse_tensor_file(read_file(path), path.string());
}

}  // namespace unfold
