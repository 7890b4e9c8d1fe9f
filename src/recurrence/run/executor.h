// Executes a plan on the CPU. What is outside the loop over ticks is split into tiles whose size depends on the shape
// alone; how threads share the loop is in loop.h. The number of threads changes no bit.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <tuple>

#include "base/fastest_way.h"
#include "recurrence/gradient.h"
#include "recurrence/plan/plan.h"
#include "recurrence/run/loop.h"
#include "recurrence/run/memory.h"
#include "recurrence/run/statistics.h"
#include "recurrence/run/weights.h"
#include "unfold/recurrence.h"

namespace unfold::recurrence {

class Executor {
 public:
  /// For evaluation only unless `with_backward`.
  Executor(Graph graph, bool with_backward, const Workload& workload);
  Executor(const Executor&) = delete;
  Executor& operator=(const Executor&) = delete;

  const Plan& plan() const { return plan_; }
  PlanSeconds seconds() const { return seconds_; }
  /// Has every loop shared so, for tests; without, the fastest way is found out by measuring.
  void force_split(LoopSplit split) { forced_split_ = split; }
  /// Frees the packed matrices; the next run makes them again.
  void release_weights();

  /// `initial` has every state (starts already filled in).
  std::unique_ptr<Memory> forward(const ForwardArguments& arguments, const CellState& initial,
                                  const ParameterList& parameters, ForwardResult& result);
  /// What the forward run of `memory` saw of the statistics over rows.
  std::vector<ObservedStatistic> observed(Memory& memory) const;
  /// Once per memory: gradients take the place of what they are computed from.
  BackwardResult backward(Memory& memory, BackwardArguments arguments, const ParameterList& parameters);

 private:
  void bind(Memory& memory, const ForwardArguments& arguments, const CellState& initial);
  void draw_masks(Memory& memory) const;
  void run_rows(const std::vector<Step>& steps, Memory& memory) const;
  void run_sequences(const std::vector<Step>& steps, Memory& memory) const;
  void run_loop(const std::vector<Step>& steps, Memory& memory, bool backwards);
  FastestWay& fastest_split(const Loop& loop, bool backwards, Index batch);
  void multiply_rows(const ProductStep& step, Memory& memory) const;
  void look_up_rows(const ProductStep& step, Memory& memory) const;
  void add_matrix_gradient(const MatrixGradientStep& step, Memory& memory, const ParameterList& parameters) const;
  /// gradients^T operand, of `rows` rows.
  void add_gradient_products(const MatrixGradientStep& step, MatrixRows gradients, MatrixRows operand, Index rows,
                             Precision precision, const ParameterList& parameters) const;
  void add_vector_gradient(const VectorGradientStep& step, Memory& memory, const ParameterList& parameters) const;
  void keep_tables(Memory& memory);
  void collect_results(Memory& memory, bool share_output, ForwardResult& result) const;
  void send_final_gradient(Memory& memory, const CellState* final_gradient) const;
  Tensor input_gradient(std::size_t input, Memory& memory) const;
  Tensor given_gradient(std::size_t given, Memory& memory) const;
  Tensor initial_gradient(std::size_t state, Memory& memory, const CellState* final_gradient) const;

  Graph graph_;
  GradientGraph gradient_;
  Plan plan_;
  Precision precision_;
  Weights weights_;
  PlanSeconds seconds_;
  /// For each pass, number of threads, and size of batches (those within a factor of two share one).
  std::map<std::tuple<bool, int, int>, FastestWay> fastest_splits_;
  std::optional<LoopSplit> forced_split_;
};

}  // namespace unfold::recurrence
