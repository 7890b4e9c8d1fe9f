#include "unfold/vector_coding.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "tensor/row.h"
#include "unfold/error.h"

namespace unfold {
namespace {

constexpr Index kMostSymbols = 100000;

bool is_bit(float value) { return value == 0 || value == 1 || std::isnan(value); }

/// Calls use(sequence, value) for every number of the columns.
template <class Use>
void for_each_value(const SequenceData& data, const std::vector<Index>& columns, const Use& use) {
  for (const Sequence& sequence : data.sequences) {
    for (Index step = 0; step < sequence.values.shape()[0]; ++step) {
      const std::span<const float> row = row_of(sequence.values, step);
      for (const Index column : columns) use(sequence, row[static_cast<std::size_t>(column)]);
    }
  }
}

std::vector<std::string> names_of(const SequenceData& data) {
  if (!data.features.empty()) return data.features;
  std::vector<std::string> names;
  for (Index i = 0; i < data.width(); ++i) names.push_back(std::to_string(i + 1));
  return names;
}

std::vector<Index> columns_of(const std::vector<std::string>& targets, const std::vector<std::string>& names) {
  std::vector<Index> columns;
  for (const std::string& target : targets) {
    const auto found = std::find(names.begin(), names.end(), target);
    if (found == names.end()) {
      throw UsageError(fmt::format("there is no column '{}' to predict; there are {}", target, fmt::join(names, ", ")));
    }
    columns.push_back(found - names.begin());
  }
  std::sort(columns.begin(), columns.end());
  if (std::adjacent_find(columns.begin(), columns.end()) != columns.end()) {
    throw UsageError("a column to predict is named twice");
  }
  if (columns.size() == names.size()) {
    throw UsageError("all columns are to be predicted: none is left to predict them from");
  }
  return columns;
}

VectorTarget usual_target(const SequenceData& data, const std::vector<Index>& columns) {
  bool bits = true;
  for_each_value(data, columns, [&](const Sequence&, float value) { bits = bits && is_bit(value); });
  return bits ? VectorTarget::kBernoulli : VectorTarget::kSquared;
}

/// K: the columns of a one-hot vector, or the largest number and one more.
Index count_symbols(const SequenceData& data, const std::vector<Index>& columns) {
  if (columns.size() > 1) return static_cast<Index>(columns.size());
  float largest = 0;
  for_each_value(data, columns, [&](const Sequence& sequence, float value) {
    if (!(value >= 0 && value < static_cast<float>(kMostSymbols)) || value != std::floor(value)) {
      throw InputError(fmt::format("line {}: expected the number of a symbol, 0 to {}, found {}", sequence.line,
                                   kMostSymbols - 1, value));
    }
    largest = std::max(largest, value);
  });
  return static_cast<Index>(largest) + 1;
}

/// The symbol that the columns of a row name: -1 where they name none.
Index symbol_of(std::span<const float> row, const std::vector<Index>& columns, Index symbols) {
  const auto value = [&](Index column) { return row[static_cast<std::size_t>(column)]; };
  if (columns.size() == 1) {
    const float number = value(columns[0]);
    const bool known = number >= 0 && number < static_cast<float>(symbols) && number == std::floor(number);
    return known ? static_cast<Index>(number) : -1;
  }
  Index found = -1;
  for (std::size_t k = 0; k < columns.size(); ++k) {
    if (value(columns[k]) == 0) continue;
    if (value(columns[k]) != 1 || found >= 0) return -1;
    found = static_cast<Index>(k);
  }
  return found;
}

}  // namespace

std::string target_name(VectorTarget target) {
  switch (target) {
    case VectorTarget::kSquared: return "squared";
    case VectorTarget::kBernoulli: return "bernoulli";
    case VectorTarget::kCategorical: break;
  }
  return "categorical";
}

VectorTarget parse_target(const std::string& name) {
  for (const VectorTarget target : {VectorTarget::kSquared, VectorTarget::kBernoulli, VectorTarget::kCategorical}) {
    if (target_name(target) == name) return target;
  }
  throw UsageError(fmt::format("a target is squared, bernoulli or categorical, not '{}'", name));
}

VectorCoding VectorCoding::of(const SequenceData& train, std::optional<VectorTarget> wanted,
                              const std::vector<std::string>& targets) {
  if (train.kind != SequenceKind::kVectors) {
    throw InputError("expected sequences of numbers, found texts; networks for these are `lm`, `classify` and `tag`");
  }
  VectorCoding coding;
  coding.names = names_of(train);
  coding.predicted = columns_of(targets, coding.names);
  const std::vector<Index> columns = coding.predicted_columns();
  coding.target = wanted.value_or(usual_target(train, columns));
  if (coding.target == VectorTarget::kCategorical) coding.symbols = count_symbols(train, columns);
  coding.standardisation = Standardisation::of(train);
  if (coding.target != VectorTarget::kSquared) {
    for (const Index column : columns) {
      coding.standardisation.mean[static_cast<std::size_t>(column)] = 0;
      coding.standardisation.deviation[static_cast<std::size_t>(column)] = 1;
    }
  }
  for (const Sequence& sequence : train.sequences) coding.expect(sequence, train.kind);
  return coding;
}

Index VectorCoding::inputs() const {
  if (predicts_next() && target == VectorTarget::kCategorical) return symbols;
  return static_cast<Index>(names.size() - predicted.size());
}

Index VectorCoding::outputs() const { return target == VectorTarget::kCategorical ? symbols : targets(); }

Index VectorCoding::targets() const {
  return target == VectorTarget::kCategorical ? 1 : static_cast<Index>(predicted_columns().size());
}

Index VectorCoding::chain_symbols() const { return target == VectorTarget::kBernoulli ? 2 : symbols; }

std::vector<Index> VectorCoding::predicted_columns() const {
  if (!predicts_next()) return predicted;
  std::vector<Index> all(names.size());
  std::iota(all.begin(), all.end(), Index{0});
  return all;
}

Index VectorCoding::predictions(Index steps) const { return predicts_next() ? std::max<Index>(steps - 1, 0) : steps; }

void VectorCoding::expect(const Sequence& sequence, SequenceKind kind) const {
  const auto fail = [&](const std::string& message) {
    throw InputError(fmt::format("line {}: {}", sequence.line, message));
  };
  if (kind != SequenceKind::kVectors) fail("the model reads vectors of numbers, the sequence holds text");
  if (sequence.values.shape()[1] != static_cast<Index>(names.size())) {
    fail(fmt::format("the model reads {} numbers at each step, the sequence has {}", names.size(),
                     sequence.values.shape()[1]));
  }
  if (target == VectorTarget::kSquared) return;
  const std::vector<Index> columns = predicted_columns();
  for (Index step = 0; step < sequence.values.shape()[0]; ++step) {
    const std::span<const float> row = row_of(sequence.values, step);
    if (target == VectorTarget::kCategorical && symbol_of(row, columns, symbols) < 0) {
      fail(columns.size() == 1
               ? fmt::format("step {}: expected the number of one of {} symbols, found {}", step + 1, symbols,
                             row[static_cast<std::size_t>(columns[0])])
               : fmt::format("step {}: expected a 1 in one of {} columns and 0 in the others", step + 1, symbols));
    }
    for (const Index column : columns) {
      const float value = row[static_cast<std::size_t>(column)];
      if (target == VectorTarget::kBernoulli && !is_bit(value)) {
        fail(fmt::format("step {}: expected 0 or 1 in '{}', found {}", step + 1,
                         names[static_cast<std::size_t>(column)], value));
      }
    }
  }
}

void VectorCoding::read(std::span<const float> row, std::span<float> input) const {
  if (predicts_next() && target == VectorTarget::kCategorical) {
    std::fill(input.begin(), input.end(), 0.0F);
    const Index symbol = symbol_of(row, predicted_columns(), symbols);
    if (symbol >= 0) input[static_cast<std::size_t>(symbol)] = 1;
    return;
  }
  std::size_t place = 0;
  std::size_t skipped = 0;
  for (std::size_t column = 0; column < row.size(); ++column) {
    if (skipped < predicted.size() && static_cast<std::size_t>(predicted[skipped]) == column) {
      ++skipped;
      continue;
    }
    const float value = row[column];
    input[place++] = std::isnan(value) ? 0 : (value - standardisation.mean[column]) / standardisation.deviation[column];
  }
}

void VectorCoding::compare(std::span<const float> row, std::span<float> target_row) const {
  const std::vector<Index> columns = predicted_columns();
  if (target == VectorTarget::kCategorical) {
    target_row[0] = static_cast<float>(symbol_of(row, columns, symbols));
    return;
  }
  for (std::size_t i = 0; i < columns.size(); ++i) {
    const auto column = static_cast<std::size_t>(columns[i]);
    target_row[i] = (row[column] - standardisation.mean[column]) / standardisation.deviation[column];
  }
}

std::vector<float> VectorCoding::restored(std::span<const float> target_row) const {
  const std::vector<Index> columns = predicted_columns();
  std::vector<float> values(columns.size());
  if (target == VectorTarget::kCategorical && columns.size() > 1) {
    values[static_cast<std::size_t>(target_row[0])] = 1;
    return values;
  }
  for (std::size_t i = 0; i < columns.size(); ++i) {
    const auto column = static_cast<std::size_t>(columns[i]);
    values[i] = target_row[i] * standardisation.deviation[column] + standardisation.mean[column];
  }
  return values;
}

}  // namespace unfold
