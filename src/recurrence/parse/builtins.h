// The functions of the language: their names, which are reserved, and how many arguments each takes.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace unfold::recurrence {

enum class Builtin : std::uint8_t {
  kSigmoid,
  kTanh,
  kRelu,
  kSoftplus,
  kExp,
  kLog,
  kSqrt,
  kAbs,
  kSquare,
  kSoftmax,
  kSum,
  kMean,
  kMax,
  kMin,
  kDot,
  kLayerNorm,
  kBatchNorm,
  kHardSigmoid,
  kSilu,
  kGelu,
  kClip,
  kClipGradient,
  kStopGradient,
  kOuter,
  kCosine,
  kShift,
  kAttend,
};

struct BuiltinEntry {
  Builtin function;
  std::string_view name;
  int least_arguments;
  int most_arguments;
  std::string_view form;  // how it is written: "clip(a, low, high)"
};

/// All of them, in the order of the enumeration.
std::span<const BuiltinEntry> builtins();
const BuiltinEntry& entry(Builtin function);
/// The function called `name`, if there is one.
std::optional<Builtin> find_builtin(std::string_view name);

}  // namespace unfold::recurrence
