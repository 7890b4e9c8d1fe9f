// Batches of tokens: streams of a long text for training and evaluation, and whole lines.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "unfold/recurrence.h"
#include "unfold/tensor.h"
#include "unfold/tokens.h"

namespace unfold {

/// Sequences that are read together. Row r predicts targets[r] from inputs[r] and the state of its sequence.
///
/// States are carried from batch to batch along B streams. Where a stream comes to a boundary its ticks become two
/// sequences: one that ends there, continuing the stream's state, and one that begins at the cell's start.
struct TokenBatch {
  Unrolling unrolling;                // of S sequences, N rows
  std::vector<std::int32_t> inputs;   // [N]
  std::vector<std::int32_t> targets;  // [N], the token after each input
  /// [S] the stream whose state the sequence continues, kStart for none. Empty: sequence k continues stream k, S = B.
  std::vector<Index> continues = {};
  /// [B] the sequence after which each stream's state is carried on. Empty with `continues` empty: stream k's own.
  std::vector<Index> carries = {};

  static constexpr Index kStart = -1;
};

/// The next batch to come: enough to continue a run exactly.
struct BatchPosition {
  Index epoch = 0;
  Index window = 0;
  bool operator==(const BatchPosition&) const = default;
};

/// What training reads, epoch after epoch.
class TrainingBatches {
 public:
  virtual ~TrainingBatches() = default;

  /// The batch at the position; the position moves on, at the end of an epoch to the beginning of the next.
  virtual TokenBatch next() = 0;
  /// Batches of an epoch, and the tokens they predict.
  virtual Index windows(Index epoch) const = 0;
  virtual Index tokens_per_epoch() const = 0;
  /// B, whose states are carried from batch to batch; 0 where none are.
  virtual Index streams() const = 0;

  BatchPosition position() const { return position_; }
  /// Throws ContractError for a batch that does not exist.
  void seek(BatchPosition position);
  /// Passes over the text that `steps` batches from the beginning make.
  double epochs(Index steps) const;

 protected:
  virtual void moved() {}
  void advance();

  BatchPosition position_;
};

struct StreamOptions {
  /// The token that begins a sequence: where it is an input, the state is at the cell's start.
  std::optional<std::int32_t> boundary = {};
  /// Windows of random length (Merity, Keskar and Socher 2017): about T, every twentieth about T / 2, with a deviation
  /// of 5 ticks or T / 8, whichever is less; drawn for (seed, epoch, window). So the gradient ends at other places in
  /// every epoch.
  bool jitter = false;
  std::uint64_t seed = 0;
};

/// Training batches of one long text, for truncated backpropagation through time with carried state.
///
/// The N - 1 pairs (token, next token) are cut into B streams of L = floor((N - 1) / B) consecutive pairs. Window w of
/// an epoch holds ticks [w T, min(L, (w + 1) T)) of every stream: inputs and targets [T, B] where no boundary lies
/// inside, the last window of an epoch shorter where T does not divide L. Each pair is seen once an epoch, except for
/// the last (N - 1) mod B.
///
/// Where the text is too short for B streams of one whole window, there are fewer: B = max(1, floor((N - 1) / T)).
class StreamBatches final : public TrainingBatches {
 public:
  /// `batch` = B and `steps` = T, at least 1 (UsageError). Throws InputError for fewer than two tokens.
  StreamBatches(Tokens tokens, Index batch, Index steps, StreamOptions options = {});

  /// B, as it was possible.
  Index batch() const { return batch_; }
  Index windows(Index epoch = 0) const override;
  Index tokens_per_epoch() const override { return batch_ * length_; }
  Index streams() const override { return batch_; }
  TokenBatch next() override;

 private:
  void moved() override;
  Index window_length(BatchPosition position) const;

  Tokens tokens_;
  Index batch_ = 0;
  Index steps_ = 0;
  Index length_ = 0;  // L, pairs of a stream
  Index tick_ = 0;    // where the window at the position begins
  StreamOptions options_;
};

/// Training batches of whole sequences that are short, lines for example: B of them, each from the cell's start to its
/// boundary, with the gradient through all of it. Their order is drawn anew for (seed, epoch); those in one batch have
/// about the same length. Each sequence is seen once an epoch.
class LineBatches final : public TrainingBatches {
 public:
  /// `tokens` are a boundary and then sequences, each with a boundary behind it. Throws InputError where there is no
  /// sequence, UsageError for a batch below 1.
  LineBatches(Tokens tokens, std::int32_t boundary, Index batch, std::uint64_t seed);

  Index batch() const { return batch_; }
  Index windows(Index epoch = 0) const override;
  Index tokens_per_epoch() const override { return tokens_.size() - 1; }
  Index streams() const override { return 0; }
  TokenBatch next() override;

 private:
  void draw_order();

  Tokens tokens_;
  std::vector<Index> boundaries_;  // their places
  Index batch_ = 0;
  std::uint64_t seed_ = 0;
  std::vector<std::uint32_t> order_;  // sequences, batch after batch, of `ordered_epoch_`
  std::vector<std::uint32_t> batches_;
  Index ordered_epoch_ = -1;
};

struct EvaluationOptions {
  /// As in StreamOptions.
  std::optional<std::int32_t> boundary = {};
  /// Whole sequences between boundaries, as in LineBatches, the long ones first, in place of streams.
  bool lines = false;
};

/// Batches that predict every token of a text but the first exactly once, for evaluation.
///
/// The N - 1 pairs are cut into B consecutive streams whose lengths differ by at most one, the longer ones first; the
/// last window may therefore have lengths T' and T' - 1. The first token of a stream is predicted from a fresh state
/// with the token before it as input; so B = 1 is the exact value and B > 1 is faster, B - 1 times losing the context.
/// B is reduced for short texts as in StreamBatches. Whole sequences lose nothing.
class EvaluationBatches {
 public:
  /// As StreamBatches, and LineBatches.
  EvaluationBatches(Tokens tokens, Index batch, Index steps, EvaluationOptions options = {});

  Index batch() const { return batch_; }
  Index windows() const;
  /// N - 1.
  Index predictions() const { return tokens_.size() - 1; }
  /// Window 0 <= w < windows(), in any order; state is carried from w to w + 1. Throws ContractError out of range.
  TokenBatch window(Index w) const;

 private:
  Tokens tokens_;
  Index batch_ = 0;
  Index steps_ = 0;
  EvaluationOptions options_;
  std::vector<Index> boundaries_;     // of whole sequences
  std::vector<std::uint32_t> order_;  // of whole sequences, by falling length
};

}  // namespace unfold
