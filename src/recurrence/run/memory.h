// The memory of one planned run: a buffer for each of the plan's, and where each value's rows are.
#pragma once

#include <map>
#include <memory>
#include <vector>

#include "recurrence/plan/plan.h"
#include "tensor/kernels/matrix_rows.h"
#include "unfold/recurrence.h"

namespace unfold::recurrence {

/// Where the rows of a value are. Row `position` of tick t is at base + row * stride, the row depending on `kind`.
struct Access {
  enum class Kind : std::uint8_t {
    kTick,       // row start(t) + position
    kPrevious,   // of a state buffer: the row of tick t - 1, or the start
    kCurrent,    // of a state buffer: the row of tick t
    kSequence,   // row position
    kBroadcast,  // the same row always (a parameter)
    kPerTick,    // one row for all of tick t
    kToken,      // of a look-up table: the row of its token, -1 for none
    kMessageIn,  // the half of a message buffer that tick t reads
    kMessageOut  // the half that tick t writes
  };
  Kind kind = Kind::kTick;
  float* base = nullptr;
  Index stride = 0;
  Index from_tick_to_tick = 0;           // elements, of kPerTick
  const std::int32_t* tokens = nullptr;  // of all rows, of kToken
};

using kernels::MatrixRows;

class Memory {
 public:
  /// With the buffers of the forward pass. `parameters` in the order of declaration.
  Memory(const Plan& plan, const Unrolling& unrolling, const ParameterList& parameters);
  /// Adds those that the backward pass has, and takes the gradient of the output [N, F], zeros if it is empty.
  void begin_backward(Tensor output_gradient);
  /// Adds those that only steps behind its loop write, when those that only the loop reads are gone.
  void begin_behind_loop();
  Memory(const Memory&) = delete;
  Memory& operator=(const Memory&) = delete;

  const Unrolling& unrolling() const { return unrolling_; }
  float* buffer(int number) { return buffers_[static_cast<std::size_t>(number)].data(); }
  Index stride(int number) const { return strides_[static_cast<std::size_t>(number)]; }

  /// All rows of a value, [N, size]: their buffer itself where `take` says that nothing reads it any more and it holds
  /// nothing else.
  Tensor rows(ValueId id, bool take);

  /// All rows of a value, [N, size]; without copying them where it has rows of its own: their buffer lives as long as
  /// what is returned.
  Tensor copied_rows(ValueId id) const;
  Tensor shared_rows(ValueId id) const;

  /// Has values that are read in place read rows of `table`, with a row of zeros before the first. `owner` may hold it.
  void bind_table(int packed, const float* table, Tensor owner);
  /// Takes the memory of a table that is not held by `owner` yet.
  void keep_table(int packed, Tensor owner);
  void release_tables() { look_ups_.clear(); }

  Access access(ValueId id) const;
  float* row(const Access& access, Index tick, Index position) const;
  /// The statistics that a parameter stores: [ticks, size].
  const Tensor& stored(Index parameter) const { return parameters_[static_cast<std::size_t>(parameter)]->value(); }
  /// All rows of a value as one matrix [N, size]; gathers them into scratch memory where they do not lie in order. Not
  /// thread-safe.
  MatrixRows matrix(ValueId id);

  // What the caller supplies, in the order of positions.
  MaskKeys keys;
  std::vector<Tensor> dense_inputs;               // per input whose rows are read: [N, I]
  std::vector<const float*> input_rows;           // per input: into dense_inputs or the caller's tensor
  std::vector<std::vector<std::int32_t>> tokens;  // per input
  std::vector<const Tensor*> tables;              // per input: the embedding table or null
  std::vector<Tensor> givens;                     // [B, n]

 private:
  Tensor make_buffer(const Buffer& buffer) const;
  void make_buffers(Stage stage);
  Index row_number(const Access& access, Index tick, Index position) const;

  const Plan& plan_;
  Unrolling unrolling_;
  ParameterList parameters_;
  std::vector<Tensor> buffers_;
  std::vector<Index> strides_;
  std::vector<std::pair<ValueId, Tensor>> gathered_;
  struct LookUp {
    const float* table = nullptr;
    Tensor owner;
  };
  std::map<int, LookUp> look_ups_;  // by the number of the table
};

}  // namespace unfold::recurrence
