// A cell compiled for given sizes, and its execution over batches of sequences.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "unfold/cell.h"
#include "unfold/parameter.h"
#include "unfold/precision.h"
#include "unfold/tensor.h"

namespace unfold {

namespace recurrence {
struct Graph;  // src/recurrence/graph/graph.h
}

/// The rows of a batch of B sequences, unfolded: tick after tick, N rows in all. Sequences may differ in length and may
/// be empty. Inside a tick the rows stand in the order of `order()`: longest sequence first, ties as given; so the rows
/// of tick t are a prefix of those of tick t - 1. Equal lengths keep the caller's order: [T, B, F].
class Unrolling {
 public:
  Unrolling() = default;
  static Unrolling equal(Index steps, Index batch);
  static Unrolling ragged(std::span<const Index> lengths);

  Index batch() const { return static_cast<Index>(order_.size()); }
  Index steps() const { return static_cast<Index>(starts_.size()) - 1; }
  Index rows() const { return starts_.back(); }
  /// First row of tick t (t = steps() gives N), and the number of rows in it.
  Index start(Index tick) const { return starts_[static_cast<std::size_t>(tick)]; }
  Index rows_at(Index tick) const { return start(tick + 1) - start(tick); }
  /// order()[p] is the sequence at position p of every tick that reaches it.
  std::span<const Index> order() const { return order_; }
  std::span<const Index> lengths() const { return lengths_; }
  /// Row of step `tick` of sequence `sequence`.
  Index row(Index sequence, Index tick) const { return start(tick) + position_[static_cast<std::size_t>(sequence)]; }
  bool is_equal() const { return equal_; }
  /// For every row the row of the same sequence as far from its other end: sequences reversed within their own lengths.
  std::vector<Index> reversal() const;

 private:
  std::vector<Index> starts_{0};
  std::vector<Index> order_;
  std::vector<Index> position_;
  std::vector<Index> lengths_;
  bool equal_ = true;
};

/// What one `input` of the cell reads at every row.
struct InputValues {
  enum class Kind : std::uint8_t {
    kDense,     // `values` [N, I]
    kOneHot,    // `tokens` [N]: a one-hot vector each
    kEmbedded,  // `tokens` [N] into the rows of `values` [V, I]
  };
  Kind kind = Kind::kDense;
  const Tensor* values = nullptr;
  std::span<const std::int32_t> tokens;  // -1 reads as a vector of zeros
};

/// The states of a batch as a value: one tensor [B, size] per state of the cell, in the order of declaration,
/// sequences in the caller's order. It can be copied, saved, and continued from.
using CellState = std::vector<Tensor>;

enum class Mode : std::uint8_t {
  kTraining,    // with every rewrite
  kEvaluation,  // states feed themselves, nothing is random
  kSampling,    // states feed themselves, masks are drawn: one sample of Monte Carlo dropout
};

/// Keys of the random masks of one run: equal keys draw equal masks. `sequences` gives a number per sequence (empty: 0,
/// 1, 2, ...), so that masks do not depend on batching; `first_tick` is the number of the run's first tick, so that the
/// windows of one stream draw different masks where a mask is drawn every tick. A variational mask does not depend on
/// ticks: a sequence keeps it from window to window as long as `training_step` and its number stay the same, and has a
/// new one in every training step otherwise, as in AWD-LSTM (Merity et al. 2017). Weight drop depends on neither.
struct MaskKeys {
  std::uint64_t seed = 0;
  std::uint64_t training_step = 0;
  std::uint64_t layer = 0;
  std::uint64_t first_tick = 0;
  std::vector<std::uint64_t> sequences;
};

/// A rewrite of the step's graph, applied before it is differentiated. Rewrites compose in the order of their kinds.
struct Rewrite {
  enum class Kind : std::uint8_t {
    kTeacherForcing,  // training reads the target instead of the previous value of `state`; Williams and Zipser 1989
    kNaiveDropout,    // reads of a previous state that reach a product are masked, with a fresh mask every tick
    kVariationalDropout,  // the same with one mask per sequence and state; Gal and Ghahramani 2016
    kZoneout,             // h' becomes z h + (1 - z) h', z = 1 at `rate` of the units, else 0; in evaluation z = rate.
                          // Of every state, before later lines read h'; Krueger et al. 2016
    kWeightDrop,          // DropConnect on the matrices that multiply a previous state, one mask per training step,
                          // survivors times 1 / (1 - rate); evaluation reads them plain; Merity et al. 2017
    kMessageClip,         // dL/dh that all reads of a previous state h send back together, at every tick, is clipped
                          // elementwise to [-bound, bound]; Graves 2013
  };
  Kind kind;
  std::string state = {};  // of kTeacherForcing
  double rate = 0;         // of the dropouts, kZoneout and kWeightDrop: in [0, 1)
  double bound = 0;        // of kMessageClip: above 0
};

struct Sizes {
  Index input = 0;
  Index hidden = 0;
  /// Size of the label, for cells that feed their own output back; 0 where there is none.
  Index target = 0;
};

/// The expected kind of the first input and the usual extent of a batch; the plan is made for it and runs for any.
struct Workload {
  InputValues::Kind input = InputValues::Kind::kDense;
  Index vocabulary = 0;  // V of an embedded input
  Index batch = 32;
  Index steps = 64;
  Precision precision = Precision::kFloat32;  // of training's products; other modes multiply in float32
};

/// How trained parameters start, where not as the cell's file says. Texts are "glorot", "identity", "normal:DEVIATION",
/// "orthogonal", "sparse", "spectral:RADIUS", "uniform:BOUND", or empty: as the file says.
struct Initialisation {
  std::string matrices = {};   // every matrix
  std::string recurrent = {};  // those that are applied to what a state carries and to no input; before `matrices`
  std::optional<double> forget_bias = {};  // the parameter b_f; refused where the cell has none
};

/// What a training step costs by the plan, forward and backward, for the workload's N = B T rows. Operations are the
/// floating-point multiplications and additions of matrix products.
struct PlanCost {
  /// A product [m, k] [k, n].
  struct Product {
    Index m = 0;
    Index n = 0;
    Index k = 0;
  };
  double written_operations = 0;       // 6 N for every entry of every product of the equations, one-hot input included
  double operations = 0;               // those that are executed
  double loop_operations = 0;          // of these, inside the loop over ticks; 0 for a cell without product there
  double loop_bytes = 0;               // that the loop's elementwise passes read from and write to memory
  Index kept = 0;                      // values kept for backward, per row
  double buffer_bytes = 0;             // of memory for values, kept or passing
  double backward_bytes = 0;           // of these, what is there in the backward pass only
  double passing_bytes = 0;            // the most of them at once, with the gradient of the output
  double output_bytes = 0;             // of the output [N, F]
  bool copies_output = false;          // beside them; otherwise it is one of them
  double step_bytes = 0;               // of parameters, that one step of one row reads
  std::vector<Product> products = {};  // shapes of the executed products, each once
};

/// Seconds that runs have taken since the beginning, by the parts of the plan.
struct PlanSeconds {
  double loop = 0;       // over ticks, forward and backward
  double outside = 0;    // before and after it
  double gradients = 0;  // of the parameters

  PlanSeconds& operator+=(const PlanSeconds& other) {
    loop += other.loop;
    outside += other.outside;
    gradients += other.gradients;
    return *this;
  }
};

struct ForwardArguments {
  const Unrolling* unrolling = nullptr;
  std::vector<InputValues> inputs;     // as the cell declares them, then one per teacher-forced state
  std::vector<const Tensor*> givens;   // [B, n] each
  const CellState* initial = nullptr;  // what the sequences continue from; null: all begin at the cell's own start
  /// Per sequence whether it begins at the cell's own start beside others that continue: its row of `initial` is not
  /// read, and a learned start gets its gradient. Empty: none does.
  std::vector<bool> begins;
  Mode mode = Mode::kEvaluation;
  MaskKeys keys;
  bool keep_for_backward = false;
  /// Whether the output may lie where backward reads it: a copy less, for callers that do not write into it before.
  bool share_output = false;
};

/// What a forward run returns, and what its backward run reads.
struct Execution;

struct ForwardResult {
  Tensor output;                         // [N, output size]
  CellState final;                       // [B, size] per state: after the last step of each sequence
  std::shared_ptr<Execution> execution;  // null unless keep_for_backward
};

struct BackwardArguments {
  Tensor output_gradient;                     // [N, output size]; empty: zeros. Its memory is used again
  const CellState* final_gradient = nullptr;  // null: zeros (truncated BPTT)
  bool want_input_gradient = true;
  bool want_initial_gradient = false;
};

struct BackwardResult {
  std::vector<Tensor>
      inputs;  // per input: [N, I] dense, [V, I] embedded (of the table), empty for one-hot and forced ones
  std::vector<Tensor> givens;  // [B, n] each
  CellState initial;           // [B, size] per state, if wanted: of what each sequence began with, wherever from
};

/// A compiled cell with its parameters. Copyable parts are values; the object itself is not copied.
class Recurrence {
 public:
  /// Throws InputError where the cell does not fit the sizes or refuses a rewrite or a start. `prefix` is put before
  /// parameter names ("layers.0."). Parameters are initialised from (seed, order of declaration).
  Recurrence(const Cell& cell, Sizes sizes, const std::vector<Rewrite>& rewrites = {}, Workload workload = {},
             std::uint64_t seed = 0, const std::string& prefix = {}, const Initialisation& initialisation = {});
  ~Recurrence();
  Recurrence(Recurrence&&) noexcept;
  Recurrence& operator=(Recurrence&&) noexcept;

  const ParameterList& parameters() const;
  Index output_size() const;
  /// Number of states, and shape of one row of each.
  std::vector<Shape> state_shapes() const;
  /// Every state at its start.
  CellState start(Index batch) const;

  /// Runs all ticks. Shapes are checked; a mismatch is a ContractError.
  ForwardResult forward(const ForwardArguments& arguments);
  /// Adds to the parameters' gradients and returns the others. Consumes `execution`.
  BackwardResult backward(std::shared_ptr<Execution> execution, BackwardArguments arguments);

  /// The plan in words, as `unfold explain` prints it.
  std::string explain() const;
  PlanCost cost() const;
  /// Of all planned runs.
  PlanSeconds seconds() const;

  /// The graph of a step in evaluation; for the library itself.
  const recurrence::Graph& graph() const;

 private:
  struct Implementation;
  std::unique_ptr<Implementation> implementation_;
};

}  // namespace unfold
