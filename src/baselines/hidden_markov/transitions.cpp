#include "baselines/hidden_markov/transitions.h"

#include <algorithm>
#include <array>

namespace unfold {
namespace {

/// How often tag c comes after b and a; number K is the start before the first tag and the end behind the last.
class TagCounts {
 public:
  TagCounts(std::span<const std::vector<std::int32_t>> sentences, std::size_t tags)
      : side_(tags + 1),
        threes_(side_ * side_ * side_),
        twos_(side_ * side_),
        ones_(side_),
        pairs_(side_ * side_),
        before_(side_) {
    for (const std::vector<std::int32_t>& sentence : sentences) {
      std::vector<std::size_t> run;
      for (const std::int32_t tag : sentence) {
        if (tag >= 0) run.push_back(static_cast<std::size_t>(tag));
        if (tag < 0) add(run);
      }
      add(run);
    }
  }

  std::size_t side() const { return side_; }
  double three(std::size_t a, std::size_t b, std::size_t c) const { return threes_[(a * side_ + b) * side_ + c]; }
  double two(std::size_t b, std::size_t c) const { return twos_[b * side_ + c]; }
  double one(std::size_t c) const { return ones_[c]; }
  double all() const { return all_; }
  /// How often a b and b stand before something.
  double pair(std::size_t a, std::size_t b) const { return pairs_[a * side_ + b]; }
  double before(std::size_t b) const { return before_[b]; }

 private:
  void add(std::vector<std::size_t>& run) {
    if (run.empty()) return;
    const std::size_t boundary = side_ - 1;
    run.push_back(boundary);
    std::size_t a = boundary;
    std::size_t b = boundary;
    for (const std::size_t c : run) {
      ++threes_[(a * side_ + b) * side_ + c];
      ++twos_[b * side_ + c];
      ++ones_[c];
      ++pairs_[a * side_ + b];
      ++before_[b];
      ++all_;
      a = b;
      b = c;
    }
    run.clear();
  }

  std::size_t side_;
  std::vector<double> threes_, twos_, ones_, pairs_, before_;
  double all_ = 0;
};

/// (count - 1) / (times - 1), 0 where nothing is left.
double left_out(double count, double times) { return times > 1 ? (count - 1) / (times - 1) : 0; }

double share(double count, double times) { return times > 0 ? count / times : 0; }

/// The weights of orders 0, 1 and 2; 0 above `order`. Order 0 is counted once more than it won, so that no tag is
/// impossible behind another, however regular the sentences are.
std::array<double, 3> deleted_interpolation(const TagCounts& counts, int order) {
  std::array<double, 3> weights = {1, 0, 0};
  for (std::size_t a = 0; a < counts.side(); ++a) {
    for (std::size_t b = 0; b < counts.side(); ++b) {
      for (std::size_t c = 0; c < counts.side(); ++c) {
        const double count = counts.three(a, b, c);
        if (count == 0) continue;
        const std::array<double, 3> predicted = {left_out(counts.one(c), counts.all()),
                                                 left_out(counts.two(b, c), counts.before(b)),
                                                 left_out(count, counts.pair(a, b))};
        const auto end = predicted.begin() + order + 1;
        weights[static_cast<std::size_t>(std::max_element(predicted.begin(), end) - predicted.begin())] += count;
      }
    }
  }
  for (double& weight : weights) weight /= counts.all() + 1;
  return weights;
}

}  // namespace

std::vector<double> interpolated_transitions(std::span<const std::vector<std::int32_t>> tags, Index tag_count,
                                             int order) {
  const TagCounts counts(tags, static_cast<std::size_t>(tag_count));
  const std::array<double, 3> weights = deleted_interpolation(counts, order);
  const std::size_t side = counts.side();
  std::vector<double> table;
  for (std::size_t a = 0; a < (order == 2 ? side : 1); ++a) {
    for (std::size_t b = 0; b < side; ++b) {
      // What a history that was never seen leaves over goes to the shorter ones.
      const bool seen_pair = order == 2 && counts.pair(a, b) > 0;
      const bool seen_tag = counts.before(b) > 0;
      const double whole = weights[0] + (seen_tag ? weights[1] : 0) + (seen_pair ? weights[2] : 0);
      for (std::size_t c = 0; c < side; ++c) {
        const double mixed = weights[0] * share(counts.one(c), counts.all()) +
                             weights[1] * share(counts.two(b, c), counts.before(b)) +
                             (seen_pair ? weights[2] * share(counts.three(a, b, c), counts.pair(a, b)) : 0);
        table.push_back(whole > 0 ? mixed / whole : share(counts.one(c), counts.all()));
      }
    }
  }
  return table;
}

}  // namespace unfold
