// The file format: what is written is read back, and nothing else is.
#include "models/safetensors.h"

#include <gtest/gtest.h>

#include <array>
#include <cstring>
#include <fstream>

#include "base/checksum.h"
#include "base/expect_error.h"
#include "base/file.h"
#include "base/temporary_folder.h"
#include "unfold/error.h"

namespace unfold {
namespace {

TensorFile example() {
  TensorFile file;
  file.tensors["b"] = StoredTensor::of(Tensor({3}, std::array{1.0F, -2.0F, 0.5F}));
  file.tensors["W"] = StoredTensor::of(Tensor({2, 1}, std::array{3.0F, 4.0F}));
  file.tensors["scalar"] = StoredTensor::of(Tensor(Shape{}, std::array{7.0F}));
  file.tensors["empty"] = StoredTensor::of(Tensor({0, 4}));
  file.tensors["counts"] = StoredTensor::of(std::span<const std::uint64_t>(std::array<std::uint64_t, 2>{1, ~0ULL}));
  file.tensors["times"] = StoredTensor::of(std::span<const double>(std::array{0.1}));
  file.metadata["note"] = "a \"quoted\" note, \xC3\xA9, \n";
  file.metadata["trap"] = "\"checksum\":\"12345678\"";
  return file;
}

std::string written(const TensorFile& file) {
  const TemporaryFolder folder;
  write_tensor_file(folder.path() / "file", file);
  return read_file(folder.path() / "file");
}

std::string with_length(const std::string& header, const std::string& data) {
  const std::uint64_t length = header.size();
  std::string content(8, '\0');
  std::memcpy(content.data(), &length, 8);
  return content + header + data;
}

/// A file with this header, which holds the checksum as 00000000, and a true checksum.
std::string sealed(const std::string& header, const std::string& data) {
  std::string content = with_length(header, data);
  const std::uint32_t sum = checksum(std::as_bytes(std::span(content)));
  std::array<char, 9> digits{};
  std::snprintf(digits.data(), digits.size(), "%08x", sum);
  const std::string blank = "\"checksum\":\"00000000";
  const std::size_t at = content.find(blank);
  if (at != std::string::npos) content.replace(at + blank.size() - 8, 8, digits.data());
  return content;
}

/// A sealed file of one array "W" of 8 bytes described by `entry`.
std::string sealed_entry(const std::string& entry) {
  return sealed(R"({"W":)" + entry + R"(,"__metadata__":{"checksum":"00000000"}})", std::string(8, '\1'));
}

void expect_refused(const std::string& content, const std::vector<std::string>& pieces = {}) {
  expect_error<InputError>([&] { parse_tensor_file(content, "some.safetensors"); }, pieces);
}

TEST(Safetensors, RoundTrip) {
  TensorFile file = parse_tensor_file(written(example()), "file");
  EXPECT_EQ(file.metadata, example().metadata);
  EXPECT_EQ(file.take("b", {3})[1], -2.0F);
  EXPECT_EQ(file.take("W", {2, 1})[1], 4.0F);
  EXPECT_EQ(file.take("scalar", Shape{})[0], 7.0F);
  EXPECT_EQ(file.take("empty", {0, 4}).count(), 0);
  EXPECT_EQ(file.take_integers("counts", 2)[1], ~0ULL);
  EXPECT_EQ(file.take_doubles("times", 1)[0], 0.1);
  EXPECT_NO_THROW(file.expect_all_taken());
}

TEST(Safetensors, EqualContentGivesEqualBytes) { EXPECT_EQ(written(example()), written(example())); }

TEST(Safetensors, LaysArraysOutAlignedAndWithoutHoles) {
  const std::string content = written(example());
  std::uint64_t length = 0;
  std::memcpy(&length, content.data(), 8);
  EXPECT_EQ(length % 8, 0U);
  EXPECT_EQ(content[8], '{');
  const std::string header = content.substr(8, length);
  // 8-byte numbers first, each type by name.
  EXPECT_NE(header.find(R"("times":{"data_offsets":[0,8],"dtype":"F64","shape":[1]})"), std::string::npos) << header;
  EXPECT_NE(header.find(R"("counts":{"data_offsets":[8,24],"dtype":"U64","shape":[2]})"), std::string::npos);
  EXPECT_NE(header.find(R"("W":{"data_offsets":[24,32],"dtype":"F32","shape":[2,1]})"), std::string::npos);
  EXPECT_NE(header.find(R"("b":{"data_offsets":[32,44],"dtype":"F32","shape":[3]})"), std::string::npos);
  EXPECT_NE(header.find(R"("scalar":{"data_offsets":[44,48],"dtype":"F32","shape":[]})"), std::string::npos);
  EXPECT_EQ(content.size(), 8 + length + 48);
}

TEST(Safetensors, EveryFlippedBitIsNoticed) {
  const std::string content = written(example());
  for (std::size_t bit = 0; bit < content.size() * 8; ++bit) {
    std::string damaged = content;
    damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1 << (bit % 8)));
    EXPECT_THROW(parse_tensor_file(damaged, "damaged"), InputError) << "bit " << bit;
  }
}

TEST(Safetensors, EveryTruncationIsNoticed) {
  const std::string content = written(example());
  for (std::size_t size = 0; size < content.size(); ++size) {
    EXPECT_THROW(parse_tensor_file(content.substr(0, size), "short"), InputError) << size << " bytes";
  }
  EXPECT_THROW(parse_tensor_file(content + '\0', "long"), InputError);
}

TEST(Safetensors, NamesFileAndFault) {
  expect_refused("", {"some.safetensors", "shorter than"});
  expect_refused("PK\3\4 this is an archive", {"not a model or checkpoint"});
  expect_refused("First Citizen: before we proceed any further", {"not a model or checkpoint"});
  expect_refused(with_length("{}", ""), {"without unfold's checksum"});
  expect_refused(with_length(R"({"__metadata__":{"format":"pt"}})", ""), {"without unfold's checksum"});
  expect_refused(written(example()).substr(0, 100), {"truncated"});
  expect_refused(with_length("{]", ""), {"not JSON"});
  expect_refused(with_length(std::string(100000, '['), ""), {"not a model"});
  expect_refused(with_length("{\"a\":" + std::string(100000, '['), ""), {"not JSON"});
}

TEST(Safetensors, RefusesWhatTheFormatForbids) {
  // The pattern itself is right.
  EXPECT_NO_THROW(parse_tensor_file(sealed_entry(R"({"dtype":"F32","shape":[2],"data_offsets":[0,8]})"), "f"));
  expect_refused(sealed_entry(R"({"dtype":"F32","shape":[2]})"), {"'W'", "exactly"});
  expect_refused(sealed_entry(R"({"dtype":"F32","shape":[2],"data_offsets":[0,8],"x":1})"), {"'W'", "exactly"});
  expect_refused(sealed_entry("[]"), {"'W'"});
  expect_refused(sealed_entry(R"({"dtype":"F16","shape":[4],"data_offsets":[0,8]})"), {"'W'", "F16", "F32"});
  expect_refused(sealed_entry(R"({"dtype":"F32","shape":[3],"data_offsets":[0,8]})"), {"'W'", "8 bytes"});
  expect_refused(sealed_entry(R"({"dtype":"F32","shape":[-2],"data_offsets":[0,8]})"), {"whole numbers"});
  expect_refused(sealed_entry(R"({"dtype":"F32","shape":[2.0],"data_offsets":[0,8]})"), {"whole numbers"});
  expect_refused(sealed_entry(R"({"dtype":"F32","shape":[2],"data_offsets":[0,16]})"), {"outside"});
  expect_refused(sealed_entry(R"({"dtype":"F32","shape":[2],"data_offsets":[8,0]})"), {"outside"});
  expect_refused(sealed_entry(R"({"dtype":"F32","shape":[1],"data_offsets":[4,8]})"), {"hole"});
  expect_refused(sealed_entry(R"({"dtype":"F32","shape":[1],"data_offsets":[0,4]})"), {"follow"});
  // Extents whose product overflows 64 bits to 2.
  expect_refused(sealed_entry(R"({"dtype":"F32","shape":[9223372036854775809,2],"data_offsets":[0,8]})"), {"'W'"});
  expect_refused(sealed_entry(R"({"dtype":"F32","shape":[0,18446744073709551615],"data_offsets":[0,0]})"), {"'W'"});
  expect_refused(sealed(R"({"W":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},)"
                        R"("V":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},)"
                        R"("__metadata__":{"checksum":"00000000"}})",
                        std::string(8, '\1')),
                 {"overlap"});
  expect_refused(sealed(R"({"__metadata__":{"a":"1","a":"2","checksum":"00000000"}})", ""), {"'a' twice"});
  expect_refused(sealed(R"({"__metadata__":{"a":1,"checksum":"00000000"}})", ""), {"'a'", "not a text"});
}

TEST(TensorFile, TakingChecksNameTypeAndShape) {
  TensorFile file = parse_tensor_file(written(example()), "run/model");
  expect_error<InputError>([&] { file.take("W_hh", {2}); }, {"run/model", "'W_hh'", "missing", "[2]"});
  expect_error<InputError>([&] { file.take("W", {1, 2}); }, {"'W'", "[2, 1]", "[1, 2]"});
  expect_error<InputError>([&] { file.take("counts", {2}); }, {"'counts'", "U64", "F32"});
  expect_error<InputError>([&] { file.take_doubles("times", 2); }, {"'times'", "[1]", "[2]"});
  expect_error<InputError>([&] { file.expect_all_taken(); }, {"'W'", "not part"});
  expect_error<InputError>([&] { file.text("cell"); }, {"'cell'"});
}

TEST(Safetensors, MetadataMustBeText) {
  const TemporaryFolder folder;
  TensorFile file;
  file.metadata["broken"] = "\xFF";
  EXPECT_THROW(write_tensor_file(folder.path() / "file", file), ContractError);
  EXPECT_FALSE(std::filesystem::exists(folder.path() / "file"));
}

}  // namespace
}  // namespace unfold
