#include "baselines/smoothing.h"

#include <fmt/format.h>

#include <algorithm>

#include "unfold/error.h"

namespace unfold {
namespace {

struct Name {
  Smoothing smoothing;
  std::string_view name;
};
constexpr std::array<Name, 3> kNames = {{{Smoothing::kWittenBell, "witten-bell"},
                                         {Smoothing::kKneserNey, "kneser-ney"},
                                         {Smoothing::kMaximumLikelihood, "maximum-likelihood"}}};

}  // namespace

std::string_view smoothing_name(Smoothing smoothing) {
  return std::find_if(kNames.begin(), kNames.end(), [&](const Name& n) { return n.smoothing == smoothing; })->name;
}

Smoothing parse_smoothing(std::string_view name) {
  for (const Name& known : kNames) {
    if (known.name == name) return known.smoothing;
  }
  throw UsageError(fmt::format("unknown smoothing '{}': expected witten-bell, kneser-ney or maximum-likelihood", name));
}

Discounts kneser_ney_discounts(const CountsOfCounts& counts) {
  const auto t = [&](std::size_t k) { return static_cast<double>(counts[k - 1]); };
  if (std::any_of(counts.begin(), counts.begin() + 3, [](std::uint64_t n) { return n == 0; })) {
    return kFallbackDiscounts;
  }
  const double y = t(1) / (t(1) + 2 * t(2));
  Discounts discounts;
  for (std::size_t k = 1; k <= discounts.size(); ++k) {
    const double discount = static_cast<double>(k) - static_cast<double>(k + 1) * y * t(k + 1) / t(k);
    if (discount < 0) return kFallbackDiscounts;
    discounts[k - 1] = discount;
  }
  return discounts;
}

double Shares::counted(std::uint32_t count) const {
  if (count == 0) return 0;
  return (count - discounts[std::min<std::size_t>(count, discounts.size()) - 1]) / total;
}

Smoother::Smoother(Smoothing smoothing, const ContextTree& tree) : smoothing_(smoothing) {
  if (smoothing != Smoothing::kKneserNey) return;
  for (const CountsOfCounts& counts : counts_of_counts(tree)) discounts_.push_back(kneser_ney_discounts(counts));
}

Shares Smoother::shares(const Continuations& continuations, std::uint32_t length) const {
  const double total = continuations.total;
  const double types = continuations.types();
  switch (smoothing_) {
    case Smoothing::kWittenBell: return {{}, total + types, types / (total + types)};
    case Smoothing::kMaximumLikelihood: return {{}, total, 0};
    case Smoothing::kKneserNey: break;
  }
  const Discounts& discounts = discounts_[length];
  const double once = continuations.once;
  const double twice = continuations.twice;
  const double taken = discounts[0] * once + discounts[1] * twice + discounts[2] * (types - once - twice);
  return {discounts, total, taken / total};
}

}  // namespace unfold
