#include "tasks/metrics/confusion.h"

#include <fmt/core.h>

#include "unfold/error.h"

namespace unfold {
namespace {

double share(Index part, Index whole) {
  return whole == 0 ? 0 : static_cast<double>(part) / static_cast<double>(whole);
}

}  // namespace

Confusion::Confusion(Index labels) : labels_(labels), counts_(static_cast<std::size_t>(labels * labels)) {}

void Confusion::add(std::int32_t truth, std::int32_t predicted) {
  if (truth < 0 || truth >= labels_ || predicted < 0 || predicted >= labels_) {
    throw ContractError(fmt::format("labels {} and {}: expected 0 <= label < {}", truth, predicted, labels_));
  }
  ++counts_[static_cast<std::size_t>(truth * labels_ + predicted)];
  ++total_;
}

Index Confusion::right() const {
  Index sum = 0;
  for (Index label = 0; label < labels_; ++label) sum += count(label, label);
  return sum;
}

double Confusion::accuracy() const { return share(right(), total_); }

Confusion::OfLabel Confusion::of(Index label) const {
  OfLabel result;
  for (Index other = 0; other < labels_; ++other) {
    result.occurs += count(label, other);
    result.predicted += count(other, label);
  }
  const Index found = count(label, label);
  result.precision = share(found, result.predicted);
  result.recall = share(found, result.occurs);
  result.f1 = share(2 * found, result.predicted + result.occurs);
  return result;
}

double Confusion::macro_f1() const {
  double sum = 0;
  Index there = 0;
  for (Index label = 0; label < labels_; ++label) {
    const OfLabel result = of(label);
    if (result.occurs + result.predicted == 0) continue;
    sum += result.f1;
    ++there;
  }
  return there == 0 ? 0 : sum / static_cast<double>(there);
}

}  // namespace unfold
