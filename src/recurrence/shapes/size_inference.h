// Size inference, as sizes.h promises it: every statement and operation says which sizes are equal, or sums of others.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "recurrence/shapes/size_expressions.h"
#include "recurrence/shapes/size_solver.h"
#include "recurrence/shapes/sizes.h"

namespace unfold::recurrence {

class SizeInference {
 public:
  /// `link`: whether all uses of a parameter have one shape. Without it each use has its own, for comparing them.
  SizeInference(const Definition& definition, const KnownSizes& known, bool link);

  void run();
  /// Fails where uses of one parameter have sizes that are known and differ.
  void compare_uses() const;
  SizeTable table();

 private:
  using Variable = SizeSolver::Variable;
  static constexpr Variable kScalar = -1;  // known to be a scalar before sizes are solved

  struct Use {
    Place place;
    std::vector<Variable> extents;
  };
  struct Slice {
    ExpressionId id;
    Variable vector;
  };

  // Statements: size_statements.cpp.
  Variable extent(ExpressionId id, const std::string& origin);
  void declare(const Declaration& declaration);
  void declare(const ParameterSyntax& parameter);
  void check_first_input(const Declaration& declaration) const;
  void assign(const Assignment& assignment);
  SizeSolver::Report misfit(const Assignment& assignment) const;
  [[noreturn]] void fail_matrix(Place place, const std::string& name) const;

  // Expressions: size_operations.cpp. Each gives the variable of the size, or kScalar.
  Variable infer(ExpressionId id);
  Variable infer_name(const Expression& expression);
  Variable infer_vector_parameter(const Expression& expression, std::size_t index);
  Variable infer_elementwise(const Expression& expression);
  Variable infer_product(const Expression& expression);
  Variable infer_call(const Expression& expression);
  Variable infer_concatenation(const Expression& expression);
  Variable infer_slice(ExpressionId id);
  std::vector<Variable> use(std::size_t parameter, Place place);
  bool is_matrix_parameter(const Expression& expression) const;
  void require_scalar(ExpressionId id);
  Index evaluate_bound(ExpressionId id) const;
  SizeSolver::Report disagreement(Place place) const;
  SizeSolver::Report outside(Place place, Index begin) const;
  [[noreturn]] void fail_not_a_matrix(const Expression& product, const Expression& left, const Expression& right) const;

  // Results: size_inference.cpp.
  void compare(const ParameterSyntax& parameter, const Use& first, const Use& use) const;
  std::string shape_text(const Use& use) const;
  static std::string describe(const SizeSolver::Known& known);
  Index assignment_size(std::size_t i) const;
  Shape parameter_shape(std::size_t i) const;
  Shape declaration_shape(std::size_t i) const;
  void check_slice(const Slice& slice);

  const Definition& definition_;
  const Syntax& syntax_;
  const KnownSizes known_;
  SizeEvaluator evaluator_;
  bool link_;
  SizeSolver solver_;
  SizeTable table_;
  std::vector<Variable> declarations_;
  std::vector<std::vector<Variable>> parameters_;  // per parameter, per extent
  std::vector<Variable> assignments_;              // as later expressions see them
  std::vector<std::vector<Use>> uses_;
  std::vector<Slice> slices_;
  std::map<std::string, Variable> open_sizes_;  // extents that a given names and leaves open
};

}  // namespace unfold::recurrence
