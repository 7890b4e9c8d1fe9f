// The machine's own limits, as loads to measure: how fast it multiplies matrices and how fast it moves memory. All run
// on thread_count() threads.
#pragma once

#include <vector>

#include "tasks/bench/rates.h"
#include "unfold/recurrence.h"

namespace unfold {

/// Whose kernel: the one that a step would use, or oneDNN's whatever the shape.
enum class Multiplier { kOfTheStep, kOneDnn };

/// Every thread multiplies matrices of its own, [m, k] [k, n], the right-hand one packed; in bfloat16 both are rounded
/// beforehand. Work in operations.
Load product_load(const PlanCost::Product& shape, Precision precision = Precision::kFloat32,
                  Multiplier by = Multiplier::kOfTheStep);

/// Large squares by oneDNN, and `shapes` as a step multiplies them, of which those that would take long are cut: how
/// fast the machine multiplies at best is the largest of their rates.
std::vector<Load> peak_loads(const std::vector<PlanCost::Product>& shapes = {},
                             Precision precision = Precision::kFloat32);

/// Reads `bytes` again and again, each thread its share: as weights are read by the steps of one row. Work in bytes.
Load read_load(double bytes);

/// a = b + c over `bytes` of the three together, each thread its share (as the add of McCalpin's STREAM). Work in
/// bytes, read or written.
Load add_load(double bytes);

}  // namespace unfold
