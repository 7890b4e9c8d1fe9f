#include "recurrence/plan/products.h"

#include <algorithm>
#include <optional>

namespace unfold::recurrence {
namespace {

/// Splits values into runs that lie side by side in one buffer. Leaves lie elsewhere: each is a run of its own.
std::vector<std::vector<ValueId>> contiguous_runs(const Plan& plan, std::vector<ValueId> values) {
  std::sort(values.begin(), values.end(), [&](ValueId a, ValueId b) {
    const Location& left = plan.location(a);
    const Location& right = plan.location(b);
    return std::tie(left.buffer, left.column, a) < std::tie(right.buffer, right.column, b);
  });
  std::vector<std::vector<ValueId>> runs;
  for (const ValueId id : values) {
    const Location& here = plan.location(id);
    bool joins = false;
    if (!runs.empty() && here.buffer >= 0) {
      const ValueId last = runs.back().back();
      const Location& before = plan.location(last);
      joins = before.buffer == here.buffer && before.column + plan.value(last).size == here.column;
    }
    if (joins)
      runs.back().push_back(id);
    else
      runs.push_back({id});
  }
  return runs;
}

Schedule& schedule_of(Plan& plan, Pass pass) { return pass == Pass::kForward ? plan.forward : plan.backward; }

ProductStep stack(const Plan& plan, const std::vector<ValueId>& operands, const std::vector<ValueId>& outputs) {
  ProductStep product;
  product.operands = operands;
  product.outputs = outputs;
  for (const ValueId output : outputs) {
    Index row = 0;
    for (const ValueId operand : operands) {
      for (const Term& term : plan.value(output).terms) {
        if (term.operand != operand) continue;
        product.blocks.push_back({term.parameter, term.begin, term.transposed, term.drop, row, plan.value(operand).size,
                                  product.n, plan.value(output).size});
      }
      row += plan.value(operand).size;
    }
    product.k = row;
    product.n += plan.value(output).size;
  }
  return product;
}

void emit_group(Plan& plan, const ProductGroup& group) {
  Schedule& schedule = schedule_of(plan, group.pass);
  for (const auto& outputs : contiguous_runs(plan, group.outputs)) {
    bool accumulate = false;
    for (const auto& operands : contiguous_runs(plan, group.operands)) {
      Step step;
      step.kind = Step::Kind::kProduct;
      step.level = group.level;
      step.product = stack(plan, operands, outputs);
      step.product.accumulate = accumulate;
      step.product.lookup = is_lookup(plan, operands[0]);
      step.product.packed = plan.packed_count++;
      steps_of(schedule, group.when).push_back(std::move(step));
      accumulate = true;
    }
  }
}

/// Look-ups in tables of few rows that only programs read: they find a token's row in the table, and it need not be
/// written.
class InPlace {
 public:
  explicit InPlace(Plan& plan) : plan_(plan), readers_(readers(plan.flow)), has_role_(has_role(plan.flow)) {
    plan_.token_rows.assign(plan.flow.values.size(), {});
  }

  void look_up(ProductStep& product) {
    const bool all = std::ranges::all_of(product.outputs, [&](ValueId id) { return is_read_by_programs(id); });
    if (!product.lookup || !all || elements(product) > kLargestTable) return;
    product.is_read_in_place = true;
    Index column = 0;
    for (const ValueId output : product.outputs) {
      plan_.reads_tables_backward |= std::ranges::any_of(
          readers_[at(output)], [&](ValueId reader) { return plan_.value(reader).pass == Pass::kBackward; });
      plan_.token_rows[at(output)] = {product.packed, plan_.value(product.operands[0]).index, column, product.n};
      column += plan_.value(output).size;
    }
    forget_rows(plan_.location(product.outputs[0]).buffer);
  }

 private:
  /// What stays in a second-level cache beside other things.
  static constexpr Index kLargestTable = Index{1} << 18;

  Index elements(const ProductStep& product) const {
    const Value& input = plan_.value(product.operands[0]);
    const bool is_table = plan_.inputs[at(input.index)] == InputKind::kTable;
    return (is_table ? plan_.workload.vocabulary : input.size) * product.n;
  }

  bool is_read_by_programs(ValueId id) const {
    const Value& value = plan_.value(id);
    const bool outside = value.when == When::kBefore || value.when == When::kAfter;
    const bool from_one =
        std::ranges::all_of(value.terms, [&](const Term& term) { return term.operand == value.terms[0].operand; });
    return value.pass == Pass::kForward && outside && from_one && has_role_[at(id)] == 0 &&
           std::ranges::all_of(readers_[at(id)], [&](ValueId reader) {
             const Value& reading = plan_.value(reader);
             return reading.op == Op::kMap || reading.op == Op::kTickSum;
           });
  }

  /// The buffer of what is not written has rows of all ticks only for later values that take its place.
  void forget_rows(int number) {
    std::vector<Stage> written;
    for (ValueId id = 0; id < plan_.flow.count(); ++id) {
      const bool is_written = plan_.location(id).buffer == number && plan_.token_rows[at(id)].packed < 0;
      if (is_written) written.push_back(stage_of(plan_.value(id)));
    }
    Buffer& buffer = plan_.buffers[at(number)];
    if (written.empty())
      buffer.rows = Rows::kSequence;
    else
      buffer.begins = std::ranges::min(written);
  }

  Plan& plan_;
  std::vector<std::vector<ValueId>> readers_;
  std::vector<char> has_role_;
};

}  // namespace

bool is_lookup(const Plan& plan, ValueId operand) {
  const Value& value = plan.value(operand);
  if (value.op != Op::kInput) return false;
  const InputKind kind = plan.inputs[at(value.index)];
  return kind == InputKind::kOneHot || kind == InputKind::kTable;
}

void emit_products(Plan& plan, const std::vector<ProductGroup>& groups) {
  for (const ProductGroup& group : groups) emit_group(plan, group);
  InPlace in_place(plan);
  for (auto* steps : {&plan.forward.before, &plan.forward.after}) {
    for (Step& step : *steps) in_place.look_up(step.product);
  }
}

namespace {

/// Where a step has a gradient among its own: its first row there.
std::optional<Index> row_of(const Plan& plan, const MatrixGradientStep& step, ValueId gradient) {
  Index row = 0;
  for (const ValueId own : step.gradients) {
    if (own == gradient) return row;
    row += plan.value(own).size;
  }
  return std::nullopt;
}

/// Leaves a vector's gradient to the look-up whose gradients have the same rows, where there is one: it has fewer rows
/// to sum.
bool sums_by_token(Plan& plan, const Flow::ParameterPart& vector) {
  for (MatrixGradientStep& step : plan.matrix_gradients) {
    const auto row = step.lookup ? row_of(plan, step, vector.gradient) : std::nullopt;
    if (!row) continue;
    step.vectors.push_back({vector.parameter, *row, plan.value(vector.gradient).size});
    return true;
  }
  return false;
}

/// Or to the product that reads those rows for a matrix.
bool sums_beside_matrix(Plan& plan, const Flow::ParameterPart& vector) {
  for (MatrixGradientStep& step : plan.matrix_gradients) {
    const auto row = step.lookup ? std::nullopt : row_of(plan, step, vector.gradient);
    if (!row) continue;
    const auto block = std::ranges::find(step.blocks, *row, &MatrixGradientStep::Block::row);
    if (block == step.blocks.end() || block->vector >= 0) continue;
    block->vector = vector.parameter;
    return true;
  }
  return false;
}

}  // namespace

void emit_parameter_gradients(Plan& plan, const std::vector<GradientGroup>& groups) {
  for (const GradientGroup& group : groups) {
    for (const auto& gradients : contiguous_runs(plan, group.gradients)) {
      MatrixGradientStep step;
      step.gradients = gradients;
      step.operand = group.operand;
      step.columns = plan.value(group.operand).size;
      step.lookup = is_lookup(plan, group.operand);
      for (const ValueId gradient : gradients) {
        for (const auto& part : plan.flow.parameter_parts) {
          if (part.operand != group.operand || part.gradient != gradient) continue;
          step.blocks.push_back({part.parameter, part.begin, step.rows, plan.value(gradient).size, part.drop});
        }
        step.rows += plan.value(gradient).size;
      }
      plan.matrix_gradients.push_back(std::move(step));
    }
  }
  for (const auto& part : plan.flow.parameter_parts) {
    if (part.operand != kNoValue || sums_by_token(plan, part) || sums_beside_matrix(plan, part)) continue;
    plan.vector_gradients.push_back({part.gradient, part.parameter});
  }
}

}  // namespace unfold::recurrence
