// The adaptive softmax (Grave, Joulin, Cisse, Grangier and Jegou 2017). Symbols are numbered by falling frequency. The
// head is a softmax over the most frequent ones and one more entry for every tail cluster; each tail is a softmax over
// its own symbols, of vectors that a projection makes smaller. So
//   p(v) = p_head(v)                      for v in the head,
//   p(v) = p_head(tail t) p_t(v)          for v in tail t,
// which is normalised exactly, and most tokens cost the head alone. With tied weights the symbols' vectors are rows of
// the embedding's table and keep its size.
#include <fmt/core.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <deque>

#include "base/random.h"
#include "layers/output/softmax_stream.h"
#include "layers/start.h"
#include "tape/operations/linear_cross_entropy.h"
#include "unfold/error.h"

namespace unfold {

namespace {

using Tokens = std::vector<std::int32_t>;

struct Tail {
  Index first = 0;  // symbols [first, end)
  Index end = 0;
  LinearWeights* projection = nullptr;  // [width, inputs]
  LinearBlocks words = {};              // [end - first, width]
};

/// The rows whose target is in one tail, and the targets' numbers there.
struct TailTargets {
  std::vector<Index> rows;
  Tokens targets;
};

class AdaptiveStream final : public OutputStream {
 public:
  AdaptiveStream(Index symbols, const LinearBlocks& head, const std::vector<Tail>& tails)
      : symbols_(symbols), inputs_(head.front()->inputs()), head_(head) {
    for (const Tail& tail : tails) {
      tails_.push_back({tail.first, LinearStream(*tail.projection), SoftmaxStream(tail.words)});
    }
  }

  void refresh() override {
    head_.refresh();
    for (TailStream& tail : tails_) {
      tail.projection.refresh();
      tail.words.refresh();
    }
  }

  void log_probabilities(const float* x, Index rows, float* result) override {
    for (Index row = 0; row < rows; ++row) one_row(x + row * inputs_, result + row * symbols_);
  }

  Index bytes() const override {
    Index bytes = head_.bytes();
    for (const TailStream& tail : tails_) bytes += tail.projection.bytes() + tail.words.bytes();
    return bytes;
  }

 private:
  struct TailStream {
    Index first;
    LinearStream projection;
    SoftmaxStream words;
  };

  void one_row(const float* x, float* result) {
    head_entries_.resize(static_cast<std::size_t>(head_.symbols()));
    head_.log_probabilities(x, 1, head_entries_.data());
    const auto tails = static_cast<std::ptrdiff_t>(tails_.size());
    std::copy(head_entries_.begin(), head_entries_.end() - tails, result);
    const float* cluster = head_entries_.data() + head_entries_.size() - tails_.size();
    for (TailStream& tail : tails_) {
      projected_.resize(static_cast<std::size_t>(tail.projection.outputs()));
      tail.projection.run(x, inputs_, 1, projected_.data(), tail.projection.outputs());
      float* to = result + tail.first;
      tail.words.log_probabilities(projected_.data(), 1, to);
      for (Index v = 0; v < tail.words.symbols(); ++v) to[v] += *cluster;
      ++cluster;
    }
  }

  Index symbols_;
  Index inputs_;
  SoftmaxStream head_;
  std::vector<TailStream> tails_;
  std::vector<float> head_entries_;  // of one row: symbols, then clusters
  std::vector<float> projected_;
};

class AdaptiveSoftmax final : public OutputLayer {
 public:
  AdaptiveSoftmax(const OutputPlace& place, const std::vector<Index>& cutoffs)
      : symbols_(place.symbols), precision_(place.precision) {
    const Index tails = static_cast<Index>(cutoffs.size());
    head_size_ = tails == 0 ? symbols_ : cutoffs.front();
    const bool tied = place.table != nullptr;
    Parameter* biases = tied ? &declare("output.b", {symbols_}) : nullptr;
    if (tied) {
      head_.push_back(&weights_.emplace_back(*place.table, biases, LinearWeights::Rows{0, head_size_}));
      if (tails > 0) head_.push_back(&add_linear("output.clusters", tails, place.inputs, place.seed));
    } else {
      head_.push_back(&add_linear("output.head", head_size_ + tails, place.inputs, place.seed));
    }
    for (Index t = 0; t < tails; ++t) {
      const auto at = static_cast<std::size_t>(t);
      Tail tail{.first = cutoffs[at], .end = t + 1 < tails ? cutoffs[at + 1] : symbols_};
      const std::string name = fmt::format("output.tail.{}", t);
      const Index width = tail_width(place.inputs, t, tied);
      tail.projection = &weights_.emplace_back(add_matrix(name + ".projection", width, place.inputs, place.seed));
      const LinearWeights::Rows range{tail.first, tail.end - tail.first};
      tail.words = {tied ? &weights_.emplace_back(*place.table, biases, range)
                         : &add_linear(name, range.count, width, place.seed)};
      tails_.push_back(std::move(tail));
    }
  }

  const ParameterList& parameters() const override { return list_; }

  Variable loss(Tape& tape, Variable x, std::span<const std::int32_t> targets, double smoothing,
                double& nats) override {
    if (smoothing != 0) {
      throw ContractError(
          "label smoothing spreads a label over all symbols, which the adaptive softmax does not score");
    }
    const double weight = 1.0 / static_cast<double>(targets.size());
    nats = 0;
    const auto cross_entropy = [&](Variable rows, const LinearBlocks& blocks, const Tokens& of_blocks) {
      std::vector<double> costs(of_blocks.size());
      const Variable part = linear_cross_entropy(tape, rows, blocks, of_blocks, weight, 0, costs, precision_);
      for (const double cost : costs) nats += weight * cost;
      return part;
    };
    Variable total = cross_entropy(x, head_, head_targets(targets));
    for (const Tail& tail : tails_) {
      const TailTargets here = tail_targets(tail, targets);
      if (here.rows.empty()) continue;
      const Variable projected = linear(tape, select_rows(tape, x, here.rows), *tail.projection);
      total = add(tape, total, cross_entropy(projected, tail.words, here.targets));
    }
    return total;
  }

  std::vector<double> nats(const Tensor& x, std::span<const std::int32_t> targets) override {
    std::vector<double> nats(targets.size());
    linear_nats(x, head_, head_targets(targets), nats);
    Tape tape(Tape::Recording::kOff);
    const Variable rows = tape.constant(x);
    for (const Tail& tail : tails_) {
      const TailTargets here = tail_targets(tail, targets);
      if (here.rows.empty()) continue;
      std::vector<double> costs(here.rows.size());
      const Variable projected = linear(tape, select_rows(tape, rows, here.rows), *tail.projection);
      linear_nats(tape.value(projected), tail.words, here.targets, costs);
      for (std::size_t k = 0; k < costs.size(); ++k) nats[static_cast<std::size_t>(here.rows[k])] += costs[k];
    }
    return nats;
  }

  Tensor log_probabilities(const Tensor& x) override {
    const Index rows = x.shape()[0];
    const Index head_width = head_size_ + static_cast<Index>(tails_.size());
    const Tensor head = linear_log_softmax(x, head_);
    Tensor result = Tensor::uninitialised({rows, symbols_});
    for (Index n = 0; n < rows; ++n) {
      std::copy_n(head.data() + n * head_width, head_size_, result.data() + n * symbols_);
    }
    for (std::size_t t = 0; t < tails_.size(); ++t) {
      const Tail& tail = tails_[t];
      const Index size = tail.end - tail.first;
      Tensor projected = Tensor::uninitialised({rows, tail.projection->outputs()});
      linear(x, *tail.projection, projected);
      const Tensor within = linear_log_softmax(projected, tail.words);
      for (Index n = 0; n < rows; ++n) {
        const float cluster = head[n * head_width + head_size_ + static_cast<Index>(t)];
        float* to = result.data() + n * symbols_ + tail.first;
        for (Index v = 0; v < size; ++v) to[v] = cluster + within[n * size + v];
      }
    }
    return result;
  }

  std::unique_ptr<OutputStream> stream() override { return std::make_unique<AdaptiveStream>(symbols_, head_, tails_); }

 private:
  Parameter& declare(const std::string& name, Shape shape) {
    list_.push_back(&parameters_.emplace_back(name, std::move(shape)));
    return parameters_.back();
  }
  Parameter& add_matrix(const std::string& name, Index outputs, Index inputs, std::uint64_t seed) {
    Parameter& matrix = declare(name + ".W", {outputs, inputs});
    start_glorot(matrix, combine(seed, list_.size()));
    return matrix;
  }
  LinearWeights& add_linear(const std::string& name, Index outputs, Index inputs, std::uint64_t seed) {
    Parameter& matrix = add_matrix(name, outputs, inputs, seed);
    return weights_.emplace_back(matrix, &declare(name + ".b", {outputs}));
  }

  Tokens head_targets(std::span<const std::int32_t> targets) const {
    Tokens of_head(targets.begin(), targets.end());
    for (std::int32_t& target : of_head) {
      if (target < head_size_) continue;
      const auto tail = std::find_if(tails_.begin(), tails_.end(), [&](const Tail& t) { return target < t.end; });
      target = static_cast<std::int32_t>(head_size_ + (tail - tails_.begin()));
    }
    return of_head;
  }
  static TailTargets tail_targets(const Tail& tail, std::span<const std::int32_t> targets) {
    TailTargets here;
    for (std::size_t n = 0; n < targets.size(); ++n) {
      if (targets[n] < tail.first || targets[n] >= tail.end) continue;
      here.rows.push_back(static_cast<Index>(n));
      here.targets.push_back(targets[n] - static_cast<std::int32_t>(tail.first));
    }
    return here;
  }

  Index symbols_;
  Precision precision_;
  Index head_size_ = 0;
  std::deque<Parameter> parameters_;  // deques, so that references stay valid
  std::deque<LinearWeights> weights_;
  LinearBlocks head_;
  std::vector<Tail> tails_;
  ParameterList list_;
};

}  // namespace

std::unique_ptr<OutputLayer> make_adaptive_softmax(const OutputPlace& place, const std::vector<Index>& cutoffs) {
  Index before = 0;
  for (const Index cutoff : cutoffs) {
    if (cutoff <= before || cutoff >= place.symbols) {
      throw InputError(
          fmt::format("cutoffs of the adaptive softmax must rise, above 0 and below the {} symbols; found {}",
                      place.symbols, fmt::join(cutoffs, ",")));
    }
    before = cutoff;
  }
  return std::make_unique<AdaptiveSoftmax>(place, cutoffs);
}

}  // namespace unfold
