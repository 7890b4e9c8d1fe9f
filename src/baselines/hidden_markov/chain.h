// A Markov chain of hidden states, and the algorithms that sum or maximise over its paths. What a step emits is given
// as a row of probabilities; so the chain knows nothing of words.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "unfold/tensor.h"

namespace unfold {

struct Edge {
  std::uint32_t from = 0;
  std::uint32_t to = 0;
  double probability = 0;
  double log = 0;  // of the probability
};

struct Chain {
  Index tags = 0;                  // K
  std::vector<std::uint32_t> tag;  // [S] what a state emits as
  std::vector<double> initial;     // [S] p(first state)
  std::vector<double> final;       // [S] p(end | last state)
  std::vector<Edge> edges;         // p(to | from)

  std::size_t states() const { return tag.size(); }
};

/// The chain of a table of transitions as in HiddenMarkov::Tables. Of order 2 a state is a pair of tags.
Chain make_chain(Index tags, int order, std::span<const double> transitions);

/// What the states of a chain can be expected to have been, given emissions [T, K].
struct Expectation {
  double log_probability = 0;  // of the emissions; -infinity where no path has any
  std::vector<double> states;  // [T, S] p(state at t)
  std::vector<double> edges;   // the expected number of times that each is walked
};

/// log of the sum over all paths of their probability times their emissions; 0 for no step.
double forward(const Chain& chain, std::span<const double> emissions);
/// The forward-backward algorithm; `with_edges` for Baum and Welch's.
Expectation forward_backward(const Chain& chain, std::span<const double> emissions, bool with_edges);
/// The tags of the best path; empty where no path has any probability, or there is no step.
std::vector<std::int32_t> best_path(const Chain& chain, std::span<const double> emissions);

}  // namespace unfold
