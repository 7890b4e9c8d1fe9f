#include "sequence_files.h"

#include <fmt/core.h>

#include <algorithm>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "generate/free_running.h"
#include "tasks/labelling/data.h"
#include "tasks/sequence/predict.h"
#include "unfold/sequence_writer.h"
#include "verb.h"

namespace unfold::cli {
namespace {

using nlohmann::ordered_json;

// More columns are left to --json.
constexpr std::size_t kMostColumns = 40;

std::string optional_text(const std::optional<double>& value) { return value ? fmt::format("{:.5g}", *value) : "-"; }

void print_columns(const std::vector<ColumnError>& columns) {
  if (columns.size() < 2 || columns.size() > kMostColumns) return;
  std::size_t width = 6;
  for (const ColumnError& column : columns) width = std::max(width, column.name.size());
  fmt::print("\n{:{}}  {:>8}  {:>12}  {:>8}  {:>12}  {:>12}\n", "column", width, "count", "error", "R^2", "last value",
             "mean");
  for (const ColumnError& column : columns) {
    fmt::print("{:{}}  {:8}  {:12.5g}  {:8.4f}  {:>12}  {:12.5g}\n", column.name, width, column.count, column.model,
               column.r_squared(), optional_text(column.last), column.mean);
  }
}

ordered_json columns_json(const std::vector<ColumnError>& columns) {
  ordered_json all = ordered_json::object();
  for (const ColumnError& column : columns) {
    all[column.name] = {{"count", column.count},
                        {"squared_error", column.model},
                        {"r_squared", column.r_squared()},
                        {"last_value", column.last ? ordered_json(*column.last) : ordered_json()},
                        {"mean", column.mean}};
  }
  return all;
}

void write(std::string_view text) { std::fwrite(text.data(), 1, text.size(), stdout); }

}  // namespace

std::string summary(const VectorEvaluation& evaluation) {
  const std::string what = fmt::format("{} steps of {} sequences: ", evaluation.steps, evaluation.sequences);
  switch (evaluation.target) {
    case VectorTarget::kSquared: {
      const std::optional<double> last = evaluation.last_squared_error();
      return what +
             fmt::format("mean squared error {:.5g}, R^2 {:.4f}", evaluation.squared_error(), evaluation.r_squared()) +
             (last ? fmt::format("; {:.5g} by repeating the last value", *last) : "");
    }
    case VectorTarget::kBernoulli:
    case VectorTarget::kCategorical: break;
  }
  const char* each = evaluation.target == VectorTarget::kBernoulli ? "each bit" : "the symbol";
  return what + fmt::format("{:.4f} nats a step; {} by itself {:.4f}, after the one before it {:.4f}", evaluation.cost,
                            each, evaluation.alone_nats, evaluation.chain_nats);
}

ordered_json to_json(const VectorEvaluation& evaluation) {
  ordered_json object = {{"sequences", evaluation.sequences}, {"steps", evaluation.steps}};
  if (evaluation.target != VectorTarget::kSquared) {
    object["nats"] = evaluation.cost;
    object["unigram_nats"] = evaluation.alone_nats;
    object["markov_nats"] = evaluation.chain_nats;
    return object;
  }
  const std::optional<double> last = evaluation.last_squared_error();
  object["squared_error"] = evaluation.squared_error();
  object["r_squared"] = evaluation.r_squared();
  object["last_value_squared_error"] = last ? ordered_json(*last) : ordered_json();
  object["columns"] = columns_json(evaluation.columns);
  return object;
}

int evaluate_sequences(const std::string& model, const std::vector<std::string>& data, const ReadingSettings& reading,
                       bool json) {
  LoadedSequenceModel loaded = load_sequence_model(model);
  const VectorEvaluation evaluation = evaluate_vector_files(loaded, data, reading.over(loaded.reading.options));
  if (json) {
    fmt::print("{}\n", to_json(evaluation).dump());
  } else {
    fmt::print("{}\n", summary(evaluation));
    print_columns(evaluation.columns);
  }
  return kDone;
}

int predict_sequences(const std::string& model, const std::string& data, const ReadingSettings& reading, bool scores) {
  LoadedSequenceModel loaded = load_sequence_model(model);
  predict_vectors(loaded, data, reading.over(loaded.reading.options), scores, [&](std::string_view bytes) {
    write(bytes);
    if (data == "-") std::fflush(stdout);
  });
  return kDone;
}

int generate_sequences(const std::string& model, const SequenceGeneration& options) {
  LoadedSequenceModel loaded = load_sequence_model(model);
  FreeRunOptions run{
      .length = options.length, .count = options.count, .seed = static_cast<std::uint64_t>(options.seed)};
  if (!options.prime.empty()) {
    const SequenceData prime = read_files({options.prime}, loaded.reading.options);
    loaded.model.coding().expect(prime.sequences.front(), prime.kind);
    run.prime = prime.sequences.front().values;
  }
  const std::vector<Tensor> sequences = free_run(loaded.model, loaded.statistics, run);
  const VectorCoding& coding = loaded.model.coding();
  const std::unique_ptr<SequenceWriter> writer =
      make_sequence_writer(written_format(loaded.format, coding.target == VectorTarget::kBernoulli), coding.names);
  write(writer->begin());
  for (std::size_t i = 0; i < sequences.size(); ++i) write(writer->sequence(sequences[i], std::to_string(i + 1), 1));
  write(writer->end());
  return kDone;
}

}  // namespace unfold::cli
