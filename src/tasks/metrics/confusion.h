// How often each label was predicted for each other one, and what follows from it.
#pragma once

#include <cstdint>
#include <vector>

#include "unfold/tensor.h"

namespace unfold {

class Confusion {
 public:
  Confusion() = default;
  explicit Confusion(Index labels);

  /// Throws ContractError for labels out of range.
  void add(std::int32_t truth, std::int32_t predicted);

  Index labels() const { return labels_; }
  Index count(Index truth, Index predicted) const {
    return counts_[static_cast<std::size_t>(truth * labels_ + predicted)];
  }
  Index total() const { return total_; }
  Index right() const;
  /// right / total; 0 of nothing.
  double accuracy() const;

  struct OfLabel {
    Index occurs = 0;  // in the data
    Index predicted = 0;
    double precision = 0;  // right / predicted
    double recall = 0;     // right / occurs
    double f1 = 0;         // 2 right / (predicted + occurs)
  };
  OfLabel of(Index label) const;
  /// The mean F1 of those labels that occur or were predicted.
  double macro_f1() const;

 private:
  Index labels_ = 0;
  Index total_ = 0;
  std::vector<Index> counts_;  // [truth, predicted]
};

}  // namespace unfold
