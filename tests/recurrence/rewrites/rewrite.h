// What the tests of rewrites share.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "recurrence/cell_text.h"
#include "recurrence/evaluate_step.h"
#include "recurrence/rewrites/rewrites.h"

namespace unfold::recurrence {

inline Graph rewritten(const Graph& graph, const std::vector<Rewrite>& rewrites, Mode mode = Mode::kTraining) {
  return apply_rewrites(graph, rewrites, mode);
}

/// The message of the refusal; "no error" if the rewrites fit.
inline std::string refusal_of(const Graph& graph, const std::vector<Rewrite>& rewrites, Mode mode = Mode::kTraining) {
  try {
    apply_rewrites(graph, rewrites, mode);
  } catch (const InputError& error) {
    return error.what();
  }
  return "no error";
}

inline Rewrite forcing(const std::string& state) { return {.kind = Rewrite::Kind::kTeacherForcing, .state = state}; }

/// With all matrices one and all vectors zero the step is simple enough to compute by hand.
inline Values ones(const Graph& graph) {
  Values values;
  for (const auto& parameter : graph.parameters) {
    const bool is_matrix = parameter.shape.rank() == 2;
    values[parameter.name] = Vector(at(parameter.shape.count()), is_matrix ? 1 : 0);
  }
  return values;
}

}  // namespace unfold::recurrence
