// The plan: which steps run before, inside and after the loop over ticks, forward and backward, and where values lie.
#pragma once

#include <string>
#include <vector>

#include "recurrence/plan/flow.h"
#include "unfold/recurrence.h"

namespace unfold::recurrence {

/// What the rows of a buffer stand for.
enum class Rows : std::uint8_t {
  kTick,      // one per row of the unrolling: [N, columns]
  kSequence,  // one per sequence: [B, columns]; inside the loop written anew at every tick
  kState,     // the start of every sequence, then one per row: [B + N, columns]
  kPerTick,   // one per tick, the same for all its rows: [T, columns], zeros at first
  kMessage,   // what travels from tick to tick backwards; two of [B, columns], read and written in turn
};

/// What a step of training goes through; memory and packed matrices are made when theirs begins, and what an earlier
/// one leaves free serves them.
enum class Stage : std::uint8_t { kForward, kBackward, kBehindLoop };  // kBackward: up to the end of its loop

struct Buffer {
  std::string name;
  Rows rows = Rows::kTick;
  Index columns = 0;
  Stage begins = Stage::kForward;  // when it is first written
  bool is_callers = false;         // its memory comes with the arguments of the backward pass
};

/// Columns [column, column + size) of a buffer. buffer < 0: the value is not stored.
struct Location {
  int buffer = -1;
  Index column = 0;
};

/// One stacked matrix product: outputs (side by side in a buffer) (+)= operands (side by side) times a matrix of
/// blocks.
struct ProductStep {
  std::vector<ValueId> operands;
  std::vector<ValueId> outputs;
  struct Block {
    Index parameter = 0;
    Index begin = 0;
    bool transposed = false;
    double drop = 0;                // rate of weight drop
    Index row = 0, rows = 0;        // of the stacked matrix [K, N]: operand side
    Index column = 0, columns = 0;  // output side
  };
  std::vector<Block> blocks;
  Index k = 0, n = 0;
  bool accumulate = false;
  int packed = -1;                // number of its packed matrix, or of its look-up table
  bool lookup = false;            // the operand is a token: rows of the stacked matrix are added instead of multiplied
  bool is_read_in_place = false;  // a look-up's: nothing is written, the programs that read it find the token's row
};

/// A program of register instructions, run for every row. See program.h.
struct ProgramStep {
  int program = -1;
};

/// A mean over the rows of a tick, made from their sum in place, or a stored statistic, looked up row by row.
struct StatisticStep {
  ValueId value = kNoValue;
};

struct Step {
  enum class Kind : std::uint8_t { kProduct, kProgram, kStatistic };
  Kind kind = Kind::kProgram;
  int level = 0;
  ProductStep product;
  ProgramStep program;
  StatisticStep statistic;
};

struct Schedule {
  std::vector<Step> once, before, inside, after;
};

/// A deferred gradient of matrices: sum over all rows of gradients^T operand, one product for all that share the
/// operand.
struct MatrixGradientStep {
  std::vector<ValueId> gradients;  // side by side
  ValueId operand = kNoValue;
  struct Block {
    Index parameter = 0;
    Index begin = 0;  // first column in the parameter
    Index row = 0, rows = 0;
    double drop = 0;    // rate of weight drop
    Index vector = -1;  // the parameter whose gradient is the sum of the same gradients over all rows, or -1
  };
  std::vector<Block> blocks;
  Index rows = 0, columns = 0;
  bool lookup = false;  // the operand is a token: gradients' rows are added to the row of the token
  /// Of a look-up, vectors whose gradients are among those: the sums over all rows, which are the sums over all tokens.
  struct Vector {
    Index parameter = 0;
    Index row = 0, rows = 0;
  };
  std::vector<Vector> vectors;
};

/// A deferred gradient of a vector: the column sums of `gradient`.
struct VectorGradientStep {
  ValueId gradient = kNoValue;
  Index parameter = 0;
};

enum class InputKind : std::uint8_t {
  kDense,
  kOneHot,
  kTable,
  kGathered
};  // kTable: look-ups in E W^T; kGathered: rows of E

struct Operand {
  enum class Where : std::uint8_t {
    kNone,
    kRegister,  // a row of its own
    kBlock,     // of kernels::kMapBlock elements: what lives within a sweep, a scalar spread, or a value that fits
    kMemory,
    kConstant
  };
  Where where = Where::kNone;
  int index = 0;
  Index offset = 0;  // elements into it
};

struct Instruction {
  enum class Kind : std::uint8_t { kMap, kSum, kDot, kRowMax, kSpread, kCopy, kZero };  // kDot: the sum of a b
  Kind kind = Kind::kMap;
  kernels::Function function = kernels::Function::kIdentity;
  Operand destination, a, b, c;
  Index size = 0;
  int sweep = -1;  // of those with the same number, one after another, all are done for a block before the next; or -1
};

struct Program {
  std::vector<ValueId> memory;  // the stored values it reads or writes, by operand index
  std::vector<Instruction> code;
  std::vector<double> constants;
  int registers = 0, blocks = 0;
  int sweeps = 0;
  Index width = 0;              // of a register
  bool per_tick = false;        // run for the first row of a tick only, which stands for all
  bool is_one_sweep = false;    // of its whole width: a row may be done in pieces
  std::vector<ValueId> values;  // what it computes, for explain
};

/// Where a value is columns of the row that belongs to a token.
struct TokenRows {
  int packed = -1;                // number of the look-up table; -1: it is not
  Index input = 0;                // whose tokens
  Index column = 0, columns = 0;  // its first, and those of the table
};

struct Plan {
  Flow flow;
  Workload workload;
  std::vector<InputKind> inputs;
  std::vector<char> input_rows;  // per input: whether its rows are read as vectors, not only looked up
  std::vector<Buffer> buffers;
  std::vector<Location> locations;    // per value
  std::vector<TokenRows> token_rows;  // per value
  std::vector<Program> programs;
  Schedule forward, backward;
  std::vector<MatrixGradientStep> matrix_gradients;
  std::vector<VectorGradientStep> vector_gradients;
  int packed_count = 0;
  bool couples_rows = false;        // rows of a tick read one another: no tile of them can go ahead
  int output_gradient_buffer = -1;  // the caller's; what follows from it may take its place
  bool reads_output_gradient_buffer_behind_loop = false;
  bool reads_tables_backward = false;  // programs of the backward pass find tokens' rows in tables
  std::vector<int> state_buffers;      // per state
  std::vector<int> message_buffers;    // per state: kMessage, or kTick for a state that sends none

  const Value& value(ValueId id) const { return flow[id]; }
  const Location& location(ValueId id) const { return locations[static_cast<std::size_t>(id)]; }
  const Buffer& buffer(ValueId id) const { return buffers[static_cast<std::size_t>(location(id).buffer)]; }
  /// Whether the rows of all ticks are kept and lie one after another, with nothing between.
  bool has_own_rows(ValueId id) const {
    if (location(id).buffer < 0 || buffer(id).columns != value(id).size) return false;
    return buffer(id).rows == Rows::kState || buffer(id).rows == Rows::kTick;
  }
};

/// When a value is written.
Stage stage_of(const Value& value);

/// The steps of a place.
std::vector<Step>& steps_of(Schedule& schedule, When when);

/// Plans a graph, and its gradient unless null (a plan for evaluation). `graph` must outlive the plan.
Plan make_plan(const Graph& graph, const GradientGraph* gradient, const Workload& workload);

}  // namespace unfold::recurrence
