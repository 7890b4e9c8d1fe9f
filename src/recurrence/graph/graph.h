// The graph of one time step: what a cell's equations become, what rewrites change, what is differentiated and planned.
//
// Nodes are in topological order: a node's operands have smaller numbers. The recurrence itself ("the picture with
// self-loops") is in `states`: reading state s gives a kState node, and `next[s]` is the node whose value it has at the
// following step, a kNext. Values are per row (one sequence at one tick). Rows meet in kTickMean alone; sums over rows
// and ticks happen outside the graph.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tensor/kernels/functions.h"
#include "unfold/tensor.h"

namespace unfold::recurrence {

/// An Index as the subscript of a standard container.
constexpr std::size_t at(Index i) { return static_cast<std::size_t>(i); }

using NodeId = std::int32_t;
inline constexpr NodeId kNoNode = -1;
/// Index of a kTickMean that no parameter stores.
inline constexpr Index kNotStored = -1;

enum class Op : std::uint8_t {
  // Leaves. `index` says which one.
  kInput,      // inputs[index] at this tick
  kState,      // states[index] after the previous tick (or its start)
  kGiven,      // givens[index], the same at every tick of a sequence
  kParameter,  // parameters[index], the same for every row; of a product's matrix, `number` is the rate of weight drop
  kNumber,     // `number`, shape [1]
  kMask,       // masks[index]: drawn at random by the execution
  // Leaves of gradient graphs only.
  kForward,         // value of node `index` of the graph that was differentiated
  kOutputGradient,  // dL/doutput at this tick
  kNextGradient,    // dL/d(next value of state `index`), as sent back by the following tick (or the caller)
  // Linear maps. operands = {matrix parameter, vector}; columns [begin, begin + size of vector) of the matrix are used.
  kProduct,            // W v
  kProductTransposed,  // W^T d; only rows [begin, ...) of the result, i.e. columns [begin, begin + size) of W
  // Elementwise; operands agree in size or have size 1 (a scalar broadcasts).
  kMap,
  // Row reductions, result [1].
  kSum,
  kRowMax,
  // Statistics of the rows of a tick: elementwise, the same for all its rows. `index` is the parameter [ticks, size]
  // that stores them, a row per tick, or kNotStored in gradient graphs. Without a row for the tick the last one stands
  // in; with
  // no row at all, the parameter's start.
  kTickMean,  // mean of operand 0 over all rows of the tick. Where the tick has one row only: the stored one (operand 1
              // counts the ticks), or 0 in gradient graphs, where the mean is the adjoint of the mean
  kTickRow,   // the stored one, of the tick that operand 0 counts
  kTickSum,   // of plans only: over the rows of a tick, which a kTickMean divides by their number
  // Structure.
  kSpread,  // a scalar to the node's size
  kConcat,  // operands one after another
  kSlice,   // elements [begin, begin + size)
  kPad,     // operand at [begin, ...) of a vector of zeros: the adjoint of kSlice
  // Identity.
  kNext,  // the next value of states[index]: what later lines that read it see, and no other reader of the same value
  // Identity forward, special backward.
  kStopGradient,  // passes no gradient
  kClipGradient,  // clips each element of the gradient to [-number, number]
};

/// Where in the cell's text a node came from, for messages: 1-based; 0 = nowhere.
struct Place {
  int line = 0;
  int column = 0;
};

struct Node {
  Op op = Op::kNumber;
  kernels::Function function = kernels::Function::kIdentity;  // of a kMap
  std::vector<NodeId> operands;
  Shape shape;        // of the value of one row
  Index index = 0;    // of a leaf, kNext
  Index begin = 0;    // of products, kSlice, kPad
  double number = 0;  // of kNumber, kParameter, kClipGradient
  std::string name;   // the left side of its assignment; "" for a part of an expression
  Place place;

  Index size() const { return shape.count(); }
};

/// How a parameter starts. `number` is the constant, the bound of uniform, the deviation of normal or the spectral
/// radius.
struct Initial {
  enum class Kind : std::uint8_t { kConstant, kIdentity, kOrthogonal, kGlorot, kUniform, kNormal, kSparse, kSpectral };
  Kind kind = Kind::kConstant;
  double number = 0;
};

struct InputDeclaration {
  std::string name;
  Shape shape;
  /// Index of the state whose previous value this input replaces (teacher forcing), or -1 for what the cell declares.
  Index forces_state = -1;
};

struct StateDeclaration {
  std::string name;
  Shape shape;
  double start = 0;            // value at the first step of a sequence, unless
  Index start_parameter = -1;  // it is learned: parameters[start_parameter], same shape
  /// Steps since the beginning of the sequence: no rewrite touches it, and no gradient flows through it.
  bool counts_ticks = false;
};

struct GivenDeclaration {
  std::string name;
  Shape shape;
};

struct ParameterDeclaration {
  std::string name;
  Shape shape;  // [out, in] for a matrix
  bool trainable = true;
  Initial initial;
  /// Statistics of each tick, averaged over training steps: as many rows as ticks have been seen, none at first.
  bool per_tick = false;
};

/// A random mask over values of `shape`: 0 with probability `rate`, else `kept`. One per sequence, or a fresh one every
/// tick.
struct MaskDeclaration {
  std::string site;  // what is masked, for explanations: "h", "h'"
  Shape shape;
  double rate = 0;
  double kept = 1;
  bool every_tick = false;
};

struct Graph {
  std::string cell;  // its name
  std::vector<Node> nodes;
  std::vector<InputDeclaration> inputs;
  std::vector<StateDeclaration> states;
  std::vector<GivenDeclaration> givens;
  std::vector<ParameterDeclaration> parameters;
  std::vector<MaskDeclaration> masks;
  std::vector<NodeId> next;  // per state
  NodeId output = kNoNode;

  const Node& operator[](NodeId id) const { return nodes[static_cast<std::size_t>(id)]; }
  Node& operator[](NodeId id) { return nodes[static_cast<std::size_t>(id)]; }
  NodeId add(Node node) {
    nodes.push_back(std::move(node));
    return static_cast<NodeId>(nodes.size()) - 1;
  }
};

/// Whether a row's values depend on the other rows of its tick.
bool couples_rows(const Graph& graph);

/// The sizes known from outside the cell. `target` is the size of the label, 0 where there is none.
struct KnownSizes {
  Index input = 0;
  Index hidden = 0;
  Index target = 0;
};

}  // namespace unfold::recurrence
