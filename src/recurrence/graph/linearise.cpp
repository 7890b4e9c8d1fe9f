#include "recurrence/graph/linearise.h"

#include <fmt/format.h>

#include <cmath>
#include <set>

namespace unfold::recurrence {
namespace {

using Function = kernels::Function;

bool is_nonlinear(Function function) {
  switch (function) {
    case Function::kSigmoid:
    case Function::kTanh:
    case Function::kRelu:
    case Function::kSoftplus:
    case Function::kExp:
    case Function::kLog:
    case Function::kSqrt: return true;
    default: return false;
  }
}

// Maximum and rectification keep integers integers.
bool is_exact(Function function) {
  return function == Function::kRelu || (!is_nonlinear(function) && function != Function::kDivide);
}

}  // namespace

Graph linearise(Graph graph) {
  for (Node& node : graph.nodes) {
    if (node.op == Op::kMap && is_nonlinear(node.function)) node.function = Function::kIdentity;
  }
  return graph;
}

std::vector<std::string> inexact_functions(const Graph& graph) {
  std::set<std::string> found;
  for (const Node& node : graph.nodes) {
    if (node.op == Op::kMap && !is_exact(node.function)) found.insert(kernels::name(node.function));
    if (node.op == Op::kNumber && node.number != std::floor(node.number)) {
      found.insert(fmt::format("number {}", node.number));
    }
  }
  return {found.begin(), found.end()};
}

}  // namespace unfold::recurrence
