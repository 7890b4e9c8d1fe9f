// Where the adaptive softmax cuts its vocabulary.
#include <algorithm>
#include <cmath>

#include "layers/output/output_layer.h"

namespace unfold {

namespace {

// Each tail's vectors are a fourth of the size of those before (Grave et al. 2017, section 4.2).
constexpr Index kReduction = 4;
constexpr std::size_t kMaxTails = 3;
// Shift of Zipf's law in Mandelbrot's form, p(rank) ~ 1 / (rank + 2.7), usual for words of English.
constexpr double kZipfShift = 2.7;
// What one more softmax costs by itself (gathering, a product of few rows, a pass over them), as symbols of the head.
constexpr double kSoftmaxOverhead = 300;
// Cutoffs tried are V / 2^(k / 2).
constexpr int kGridSteps = 16;

struct Costs {
  Index symbols;
  Index inputs;
  bool tied;

  /// Share of the tokens that are among the first `rank` symbols.
  double share(Index rank) const {
    const auto mass = [](double to) { return std::log((to + kZipfShift) / kZipfShift); };
    return mass(static_cast<double>(rank)) / mass(static_cast<double>(symbols));
  }

  /// Products for one token, on average.
  double operator()(const std::vector<Index>& cutoffs) const {
    const auto size = [](Index value) { return static_cast<double>(value); };
    const Index head = cutoffs.empty() ? symbols : cutoffs.front();
    double cost = size(inputs) * size(head + static_cast<Index>(cutoffs.size()));
    for (std::size_t t = 0; t < cutoffs.size(); ++t) {
      const Index end = t + 1 < cutoffs.size() ? cutoffs[t + 1] : symbols;
      const double width = size(tail_width(inputs, static_cast<Index>(t), tied));
      cost += (share(end) - share(cutoffs[t])) * width * (size(inputs) + size(end - cutoffs[t]));
      cost += kSoftmaxOverhead * size(inputs);
    }
    return cost;
  }
};

}  // namespace

Index tail_width(Index inputs, Index tail, bool tied) {
  Index width = inputs;
  for (Index t = 0; t <= tail && !tied; ++t) width = std::max<Index>(1, width / kReduction);
  return width;
}

std::vector<Index> choose_cutoffs(Index symbols, Index inputs, bool tied) {
  const Costs cost{symbols, inputs, tied};
  std::vector<Index> grid;
  for (int k = kGridSteps; k >= 1; --k) {
    const auto cutoff = static_cast<Index>(static_cast<double>(symbols) / std::exp2(0.5 * k));
    if (cutoff > 0 && (grid.empty() || cutoff > grid.back())) grid.push_back(cutoff);
  }
  // Every set of at most kMaxTails points of the grid: some 700.
  std::vector<Index> best;
  std::vector<Index> tried;
  const auto extend = [&](const auto& self, std::size_t from) -> void {
    if (cost(tried) < cost(best)) best = tried;
    if (tried.size() == kMaxTails) return;
    for (std::size_t next = from; next < grid.size(); ++next) {
      tried.push_back(grid[next]);
      self(self, next + 1);
      tried.pop_back();
    }
  };
  extend(extend, 0);
  return best;
}

}  // namespace unfold
