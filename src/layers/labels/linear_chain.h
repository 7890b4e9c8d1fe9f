// The arithmetic of linear-chain conditional random fields (Lafferty, McCallum and Pereira 2001): sums and maxima over
// all labellings of one sequence, by dynamic programming, in log space and in double.
//
// A labelling y_1 ... y_T has the score  start[y_1] + sum_t scores[t][y_t] + sum_t transitions[y_t-1][y_t] + end[y_T],
// and p(y) = exp(score of y) / Z, where Z is the sum of exp(score) over all K^T labellings. Scores may be of any
// size; a label whose score is -infinity cannot be.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "unfold/tensor.h"

namespace unfold {

struct ChainWeights {
  std::vector<double> transitions;  // [K, K]: row the label before, column the label
  std::vector<double> start;        // [K]
  std::vector<double> end;          // [K]

  std::size_t labels() const { return start.size(); }
};

/// What is expected of a sequence of T steps under p(y): the gradient of log Z.
struct ChainExpectation {
  double log_sum = 0;               // log Z; 0 for no step, -infinity where no labelling is possible
  std::vector<double> steps;        // [T, K] p(y_t = k), which is d log Z / d scores
  std::vector<double> transitions;  // [K, K] the expected number of each
};

/// `scores` is [T, K]. By the forward algorithm.
double log_sum(const ChainWeights& weights, std::span<const double> scores);
/// By the forward-backward algorithm.
ChainExpectation expectation(const ChainWeights& weights, std::span<const double> scores);
/// The labelling of the highest score (Viterbi 1967); of equal ones that with the lower labels, from the end.
std::vector<std::int32_t> best_labelling(const ChainWeights& weights, std::span<const double> scores);
/// The scores with those labels made impossible that contradict `labels` [T]; Labels::kNone contradicts none. log_sum
/// of these is the log of the sum over the labellings that agree.
std::vector<double> agreeing(std::span<const double> scores, std::span<const std::int32_t> labels);

}  // namespace unfold
