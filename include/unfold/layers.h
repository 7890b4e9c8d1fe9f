// Layers: linear maps, and stacks of unfolded recurrences.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "unfold/cell.h"
#include "unfold/parameter.h"
#include "unfold/recurrence.h"
#include "unfold/tape.h"
#include "unfold/tensor.h"

namespace unfold {

class LinearStream;  // src/layers/linear_stream.h

/// y = x W^T + b with its parameters PREFIX.W [outputs, inputs] (Glorot and Bengio 2010) and PREFIX.b [outputs] (zero).
class Linear {
 public:
  Linear(Index inputs, Index outputs, std::uint64_t seed, const std::string& prefix);
  ~Linear();
  Linear(Linear&&) noexcept;
  Linear& operator=(Linear&&) noexcept;

  /// [N, inputs] -> [N, outputs].
  Variable forward(Tape& tape, Variable x);
  const ParameterList& parameters() const;
  /// The same map for few rows at a time; for the library itself.
  LinearStream stream() const;

 private:
  struct Implementation;
  std::unique_ptr<Implementation> implementation_;
};

/// The states of a stack for a batch of B sequences, as a value: it can be copied (forked), saved and continued from.
struct State {
  Index batch = 0;
  /// One CellState per layer. Empty: every sequence is at its beginning, where a learned start has a gradient.
  std::vector<CellState> layers = {};
  /// Per sequence, true where it is at its beginning beside others that are not: `layers` do not count for it. Empty:
  /// none.
  std::vector<bool> begins = {};
};

/// The state of some sequences of a batch: sequence k of the result is number sequences[k] of `from`, or, where that is
/// below 0, at its beginning. Throws ContractError for a sequence that is not there.
State select(const State& from, std::span<const Index> sequences);

/// Dropout of a sequence of vectors: each element becomes 0 with probability `rate` in [0, 1), else x / (1 - rate).
struct Dropout {
  enum class Mask : std::uint8_t {
    kEveryStep,      // a fresh mask at every step (Zaremba, Sutskever and Vinyals 2014)
    kEverySequence,  // "variational" or "locked": one for all steps (Gal and Ghahramani 2016; Merity et al. 2017)
  };
  Mask mask = Mask::kEveryStep;
  double rate = 0;
};

/// Dropout around the recurrence, in training; rates in [0, 1). (Inside it, dropout is a Rewrite.)
struct DropoutOptions {
  double words = 0;    // whole words of the embedding (Gal and Ghahramani 2016)
  Dropout input = {};  // of the embedding's vectors
  Dropout between = {};
  Dropout output = {};  // of what the output layer reads
};

/// What the first layer reads at each of the N rows: vectors, or tokens, as one-hot vectors or as rows of a table.
struct OneHotTokens {
  std::span<const std::int32_t> tokens;
};
struct EmbeddedTokens {
  std::span<const std::int32_t> tokens;
  Parameter* table = nullptr;  // [V, I]
};
using SequenceInput = std::variant<Variable, OneHotTokens, EmbeddedTokens>;

struct StackOptions {
  std::string name = "layers";  // of its parameters
  Index input = 0;
  std::vector<Index> hidden = {};  // units of each layer, from the bottom
  Index target = 0;                // size of the label, 0 where there is none
  /// Every layer reads the input beside the layer below, and the stack's output is that of every layer, side by side
  /// (Graves 2013, section 2).
  bool skip = false;
  /// Beside every layer's recurrence runs another of the same cell and size, which reads each sequence from its last
  /// step to its first; a layer's output is both, [forward, backward], at every step (Schuster and Paliwal 1997).
  bool bidirectional = false;
  /// To each layer's output the sequence below it is added where their sizes agree (He et al. 2015).
  bool residual = false;
  Dropout dropout = {};  // of what a layer writes for the one above; residual connections pass by it
  std::vector<Rewrite> rewrites = {};
  Workload workload = {};  // of the first layer
  Initialisation initialisation = {};
  std::uint64_t seed = 0;
};

class StackStream;  // src/layers/stack_stream.h

/// Layers of one cell, each reading the sequence that the one below wrote. Parameters are named NAME.0.W_xi, ...; in
/// a bidirectional stack NAME.0.forward.W_xi, ..., NAME.0.backward.W_xi, ...
class RecurrentStack {
 public:
  /// Throws InputError where the cell needs more than one input or a given, or does not fit the sizes, or where no
  /// layer can have the residual connection asked for, or where a bidirectional stack is to force its states.
  RecurrentStack(const Cell& cell, const StackOptions& options);
  ~RecurrentStack();
  RecurrentStack(RecurrentStack&&) noexcept;
  RecurrentStack& operator=(RecurrentStack&&) noexcept;

  const ParameterList& parameters() const;
  Index output_size() const;
  /// Layers whose output and input differ in size, so that the residual connections asked for pass them by.
  std::vector<Index> layers_without_residual() const;
  /// True if the top layer's output is declared with the size of the label (`output o` of jordan), so that it needs no
  /// linear layer above. Equal numbers alone do not count: hidden = 65 on 65 symbols is a coincidence.
  bool output_is_target() const;

  struct Result {
    Variable output;  // [N, output size]
    State state;      // after the last step of each sequence; of a bidirectional stack that of the beginning
  };
  /// Unfolds all layers. `teacher` [N] are the tokens that replace the previous values of teacher-forced states; it is
  /// read in training only, in evaluation those states feed themselves. Gradients end at `initial` (truncated
  /// backpropagation through time). Layer l draws its masks with keys.layer = l. A bidirectional stack reads whole
  /// sequences: it throws ContractError unless all are at their beginning.
  Result forward(Tape& tape, const SequenceInput& input, const Unrolling& unrolling, const State& initial, Mode mode,
                 const MaskKeys& keys = {}, std::span<const std::int32_t> teacher = {});

  /// The states as tensors named layers.0.h, ... [B, size]; none at the beginning. And back: throws InputError, naming
  /// it, where a tensor is missing, unknown or of another shape.
  std::map<std::string, Tensor> save_state(const State& state) const;
  State restore_state(const std::map<std::string, Tensor>& tensors, Index batch) const;

  /// The stack one step at a time, reading tokens: rows of `table`, or one-hot vectors where that is null. Refers to
  /// this stack's parameters; for the library itself. Throws ContractError where the stack is bidirectional.
  std::unique_ptr<StackStream> stream(const Parameter* table) const;

  /// The plan of the first layer in words; both directions have the same.
  std::string explain() const;
  /// What each layer's training step costs; of both directions, one after another.
  std::vector<PlanCost> costs() const;
  /// See Recurrence; of all layers together.
  PlanSeconds seconds() const;

 private:
  struct Implementation;
  std::unique_ptr<Implementation> implementation_;
};

}  // namespace unfold
