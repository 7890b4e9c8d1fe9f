#include "models/sequences/sequence_file.h"

#include <fmt/core.h>

#include "models/find_model.h"
#include "models/labelling/labelling_header.h"
#include "models/labelling/named_rows_file.h"
#include "models/labelling/network_parts.h"
#include "models/options_json.h"
#include "models/parameter_store.h"
#include "tensor/row.h"
#include "unfold/error.h"

namespace unfold {
namespace {

using nlohmann::json;

constexpr const char* kFormat = "unfold sequence model";
constexpr const char* kNames = "columns";
constexpr const char* kStart = "start";
constexpr const char* kNoise = "noise";
constexpr const char* kAlone = "baseline.alone";
constexpr const char* kAfter = "baseline.after";

json to_json(const SequenceModel& model) {
  json object = network_to_json(model.options());
  object["bidirectional"] = model.options().bidirectional;
  object["target"] = target_name(model.coding().target);
  object["predicted"] = model.coding().predicted;
  object["symbols"] = model.coding().symbols;
  return object;
}

SequenceModelOptions read_options(const json& configuration, const Cell& cell) {
  SequenceModelOptions options{.cell = cell};
  network_from_json(configuration, options);
  options.bidirectional = configuration.at("bidirectional").get<bool>();
  return options;
}

VectorCoding read_coding(const json& configuration, TensorFile& file) {
  VectorCoding coding;
  coding.target = parse_target(configuration.at("target").get<std::string>());
  coding.predicted = configuration.at("predicted").get<std::vector<Index>>();
  coding.symbols = configuration.at("symbols").get<Index>();
  coding.names = read_names(kNames, file);
  coding.standardisation = read_standardisation(file);
  const auto columns = static_cast<Index>(coding.names.size());
  const bool in_range = std::ranges::all_of(coding.predicted, [&](Index i) { return i >= 0 && i < columns; });
  if (columns == 0 || coding.standardisation.mean.size() != coding.names.size() || !in_range || coding.symbols < 0) {
    throw InputError(fmt::format("{}: its columns do not fit each other", file.path));
  }
  return coding;
}

void store_statistics(const SequenceStatistics& statistics, TensorFile& file) {
  store_vector(kStart, statistics.start, file);
  store_vector(kNoise, statistics.noise, file);
  if (!statistics.chains) return;
  file.tensors[kAlone] = StoredTensor::of(statistics.chains->alone());
  file.tensors[kAfter] = StoredTensor::of(statistics.chains->after());
}

SequenceStatistics read_statistics(const VectorCoding& coding, TensorFile& file) {
  const bool numbers = coding.target == VectorTarget::kSquared;
  SequenceStatistics statistics{.start = take_vector(kStart, coding.inputs(), file),
                                .noise = take_vector(kNoise, numbers ? coding.targets() : 0, file)};
  if (numbers) return statistics;
  const Index chains = coding.targets();
  const Index symbols = coding.chain_symbols();
  statistics.chains.emplace(chains, symbols, file.take_doubles(kAlone, chains * symbols),
                            file.take_doubles(kAfter, chains * symbols * symbols));
  return statistics;
}

/// A made value of a column: a number around its mean, a bit, or what names a symbol.
float made_value(const VectorCoding& coding, const std::vector<Index>& predicted, Index step, Index column) {
  const auto c = static_cast<std::size_t>(column);
  const auto place = std::ranges::find(predicted, column);
  const bool is_predicted = place != predicted.end();
  if (is_predicted && coding.target == VectorTarget::kBernoulli) return (step + column) % 3 == 0 ? 1 : 0;
  if (is_predicted && coding.target == VectorTarget::kCategorical) {
    const Index symbol = step % coding.symbols;
    if (predicted.size() == 1) return static_cast<float>(symbol);
    return place - predicted.begin() == symbol ? 1 : 0;
  }
  const auto deviations = static_cast<float>((step + column) % 3 - 1);
  return coding.standardisation.mean[c] + deviations * coding.standardisation.deviation[c];
}

/// What the model writes for a made sequence.
std::vector<double> answer(SequenceModel& model) {
  const VectorCoding& coding = model.coding();
  const std::vector<Index> predicted = coding.predicted_columns();
  const auto columns = static_cast<Index>(coding.names.size());
  Sequence sequence;
  sequence.values = Tensor({kSelfTestSteps, columns});
  for (Index step = 0; step < kSelfTestSteps; ++step) {
    for (Index column = 0; column < columns; ++column) {
      sequence.values[step * columns + column] = made_value(coding, predicted, step, column);
    }
  }
  const Sequence* const pointer = &sequence;
  const std::vector<Tensor> outputs = model.outputs({&pointer, 1}, SequenceKind::kVectors);
  return {outputs[0].values().begin(), outputs[0].values().end()};
}

SequenceModel read_model(TensorFile& file) {
  const Cell cell = read_cell(file);
  return with_configuration(file, [&](const json& configuration) {
    return SequenceModel(read_options(configuration, cell), read_coding(configuration, file));
  });
}

}  // namespace

void store_make(const SequenceModel& model, TensorFile& file) {
  file.metadata["configuration"] = to_json(model).dump();
  store_cell(model.options().cell, file);
  store_names(kNames, model.coding().names, file);
  store_standardisation(model.coding().standardisation, file);
}

void save_sequence_model(const std::filesystem::path& path, SequenceModel& model, const SequenceStatistics& statistics,
                         const ReadingDefaults& reading, const std::string& format) {
  TensorFile file = begin_sequence_file(kFormat, reading);
  file.metadata["written"] = format;
  store_make(model, file);
  store_statistics(statistics, file);
  store_parameters(model.parameters(), file);
  store_self_test(answer(model), file);
  write_tensor_file(path, file);
}

bool is_sequence_model(const std::filesystem::path& file_or_run) { return model_format(file_or_run) == kFormat; }

LoadedSequenceModel load_sequence_model(const std::filesystem::path& file_or_run) {
  TensorFile file = read_tensor_file(find_model(file_or_run));
  if (format_of(file) != kFormat) {
    throw InputError(fmt::format("{}: expected an {}, found {}", file.path, kFormat,
                                 format_of(file).empty() ? "none" : "an " + format_of(file)));
  }
  expect_labelling_version(file);
  SequenceModel model = read_model(file);
  SequenceStatistics statistics = read_statistics(model.coding(), file);
  take_parameters(file, model.parameters());
  file.expect_all_taken();
  expect_self_test(answer(model), file);
  return {.model = std::move(model),
          .statistics = std::move(statistics),
          .reading = ReadingDefaults::from_json(file.text("reading")),
          .format = file.text("written")};
}

}  // namespace unfold
