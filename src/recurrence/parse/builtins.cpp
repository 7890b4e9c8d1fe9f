#include "recurrence/parse/builtins.h"

#include <algorithm>
#include <array>

namespace unfold::recurrence {
namespace {

constexpr std::array kBuiltins = {
    BuiltinEntry{Builtin::kSigmoid, "sigmoid", 1, 1, "sigmoid(a)"},
    BuiltinEntry{Builtin::kTanh, "tanh", 1, 1, "tanh(a)"},
    BuiltinEntry{Builtin::kRelu, "relu", 1, 1, "relu(a)"},
    BuiltinEntry{Builtin::kSoftplus, "softplus", 1, 1, "softplus(a)"},
    BuiltinEntry{Builtin::kExp, "exp", 1, 1, "exp(a)"},
    BuiltinEntry{Builtin::kLog, "log", 1, 1, "log(a)"},
    BuiltinEntry{Builtin::kSqrt, "sqrt", 1, 1, "sqrt(a)"},
    BuiltinEntry{Builtin::kAbs, "abs", 1, 1, "abs(a)"},
    BuiltinEntry{Builtin::kSquare, "square", 1, 1, "square(a)"},
    BuiltinEntry{Builtin::kSoftmax, "softmax", 1, 1, "softmax(a)"},
    BuiltinEntry{Builtin::kSum, "sum", 1, 1, "sum(a)"},
    BuiltinEntry{Builtin::kMean, "mean", 1, 1, "mean(a)"},
    BuiltinEntry{Builtin::kMax, "max", 1, 2, "max(a) or max(a, b)"},
    BuiltinEntry{Builtin::kMin, "min", 1, 2, "min(a) or min(a, b)"},
    BuiltinEntry{Builtin::kDot, "dot", 2, 2, "dot(a, b)"},
    BuiltinEntry{Builtin::kLayerNorm, "layer_norm", 1, 1, "layer_norm(a)"},
    BuiltinEntry{Builtin::kBatchNorm, "batch_norm", 1, 1, "batch_norm(a)"},
    BuiltinEntry{Builtin::kHardSigmoid, "hard_sigmoid", 1, 1, "hard_sigmoid(a)"},
    BuiltinEntry{Builtin::kSilu, "silu", 1, 1, "silu(a)"},
    BuiltinEntry{Builtin::kGelu, "gelu", 1, 1, "gelu(a)"},
    BuiltinEntry{Builtin::kClip, "clip", 3, 3, "clip(a, low, high)"},
    BuiltinEntry{Builtin::kClipGradient, "clip_gradient", 2, 2, "clip_gradient(a, bound)"},
    BuiltinEntry{Builtin::kStopGradient, "stop_gradient", 1, 1, "stop_gradient(a)"},
    BuiltinEntry{Builtin::kOuter, "outer", 2, 2, "outer(a, b)"},
    BuiltinEntry{Builtin::kCosine, "cosine", 2, 2, "cosine(M, k)"},
    BuiltinEntry{Builtin::kShift, "shift", 2, 2, "shift(w, s)"},
    BuiltinEntry{Builtin::kAttend, "attend", 3, 3, "attend(q, K, V)"},
};

static_assert(kBuiltins.size() == static_cast<std::size_t>(Builtin::kAttend) + 1);

}  // namespace

std::span<const BuiltinEntry> builtins() { return kBuiltins; }

const BuiltinEntry& entry(Builtin function) { return kBuiltins[static_cast<std::size_t>(function)]; }

std::optional<Builtin> find_builtin(std::string_view name) {
  const auto found = std::ranges::find(kBuiltins, name, &BuiltinEntry::name);
  if (found == kBuiltins.end()) return std::nullopt;
  return found->function;
}

}  // namespace unfold::recurrence
