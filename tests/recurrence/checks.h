// What the checks of cells share: how a disagreement reads in a failure.
#pragma once

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <string>

#include "recurrence/check/check.h"

namespace unfold::recurrence {

inline std::string describe(const Disagreement& found) {
  return fmt::format("{}: relative error {:.3g} at entry {}: {} found, {} expected", found.name, found.worst,
                     found.where, found.found, found.expected);
}

inline void expect_gradient_is_right(const Graph& graph) {
  for (const Disagreement& found : check_gradient(graph, differentiate(graph), {})) {
    EXPECT_LT(found.worst, kGradientTolerance) << describe(found);
  }
}

inline void expect_plan_is_right(const Graph& graph, InputValues::Kind kind = InputValues::Kind::kDense) {
  for (const Disagreement& found : check_plan(graph, {}, kind))
    EXPECT_LT(found.worst, plan_tolerance(graph)) << describe(found);
}

}  // namespace unfold::recurrence
