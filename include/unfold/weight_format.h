// How the weights of a matrix are kept where they are read over and over, one step at a time.
#pragma once

#include <cstdint>
#include <string_view>

namespace unfold {

/// A step of one row reads every weight once and does little else, so it is as fast as the weights are small.
enum class WeightFormat : std::uint8_t {
  kF32,   // 4 bytes: as trained
  kBf16,  // 2 bytes: the upper half of a float, 8 significant bits
  kInt8,  // 1 byte: a whole number in [-127, 127] times the scale of its output, largest weight / 127
};

/// "f32", "bf16", "int8", and back. Throws UsageError for another name.
std::string_view weight_format_name(WeightFormat format);
WeightFormat parse_weight_format(std::string_view name);

}  // namespace unfold
