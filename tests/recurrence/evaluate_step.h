// One row of one step, evaluated directly from the graph: an independent check of graphs, by the functions'
// definitions.
#pragma once

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "recurrence/graph/graph.h"

namespace unfold::recurrence {

using Vector = std::vector<double>;

/// Values of inputs, states and parameters by name; masks as "mask STATE". What is missing is zero.
using Values = std::map<std::string, Vector>;

inline std::vector<Vector> evaluate_step(const Graph& graph, const Values& values) {
  std::vector<Vector> results;
  const auto leaf = [&](const std::string& name, const Node& node) {
    const auto found = values.find(name);
    return found == values.end() ? Vector(static_cast<std::size_t>(node.size())) : found->second;
  };
  for (const Node& node : graph.nodes) {
    const auto index = static_cast<std::size_t>(node.index);
    const auto begin = static_cast<std::size_t>(node.begin);
    const auto size = static_cast<std::size_t>(node.size());
    const auto operand = [&](std::size_t i) -> const Vector& {
      return results[static_cast<std::size_t>(node.operands[i])];
    };
    Vector result(node.op == Op::kParameter ? 0 : size);
    switch (node.op) {
      case Op::kInput: result = leaf(graph.inputs[index].name, node); break;
      case Op::kState: result = leaf(graph.states[index].name, node); break;
      case Op::kGiven: result = leaf(graph.givens[index].name, node); break;
      case Op::kParameter: result = leaf(graph.parameters[index].name, node); break;
      case Op::kMask: result = leaf("mask " + graph.masks[index].site, node); break;
      case Op::kNumber: result[0] = node.number; break;
      case Op::kProduct: {
        const auto columns = static_cast<std::size_t>(graph[node.operands[0]].shape[1]);
        for (std::size_t row = 0; row < size; ++row) {
          for (std::size_t i = 0; i < operand(1).size(); ++i) {
            result[row] += operand(0)[row * columns + begin + i] * operand(1)[i];
          }
        }
        break;
      }
      case Op::kMap:
        for (std::size_t i = 0; i < size; ++i) {
          double v[3] = {0, 0, 0};
          for (std::size_t j = 0; j < node.operands.size(); ++j) v[j] = operand(j)[operand(j).size() == 1 ? 0 : i];
          result[i] = kernels::apply<double>(node.function, v[0], v[1], v[2]);
        }
        break;
      case Op::kSum:
        for (const double element : operand(0)) result[0] += element;
        break;
      case Op::kRowMax:
        result[0] = operand(0)[0];
        for (const double element : operand(0)) result[0] = std::max(result[0], element);
        break;
      case Op::kSpread: result.assign(size, operand(0)[0]); break;
      case Op::kConcat:
        result.clear();
        for (std::size_t j = 0; j < node.operands.size(); ++j) {
          result.insert(result.end(), operand(j).begin(), operand(j).end());
        }
        break;
      case Op::kSlice:
        for (std::size_t i = 0; i < size; ++i) result[i] = operand(0)[begin + i];
        break;
      case Op::kTickMean:  // a single row has none of its own
      case Op::kTickRow: {
        const Vector& stored = values.at(graph.parameters[index].name);
        const double tick =
            std::min(operand(node.operands.size() - 1)[0], static_cast<double>(stored.size() / size - 1));
        for (std::size_t i = 0; i < size; ++i) result[i] = stored[static_cast<std::size_t>(tick) * size + i];
        break;
      }
      case Op::kNext:
      case Op::kStopGradient:
      case Op::kClipGradient: result = operand(0); break;
      default: break;
    }
    results.push_back(std::move(result));
  }
  return results;
}

inline Vector evaluate_output(const Graph& graph, const Values& values) {
  return evaluate_step(graph, values)[static_cast<std::size_t>(graph.output)];
}

}  // namespace unfold::recurrence
