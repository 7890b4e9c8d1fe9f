#include "models/labelling/classifier_file.h"

#include <fmt/core.h>

#include "models/labelling/labelling_header.h"
#include "models/labelling/network_parts.h"
#include "models/options_json.h"
#include "models/parameter_store.h"

namespace unfold {
namespace {

using nlohmann::json;

// The key of a classifier of symbols.
constexpr const char* kVocabulary = "vocabulary";

json to_json(const RecurrentClassifierOptions& options) {
  return {{"hidden", options.hidden},
          {"bidirectional", options.bidirectional},
          {"skip", options.skip},
          {"residual", options.residual},
          {"embed", options.embed},
          {"window", options.window},
          {"pooling", pooling_name(options.pooling)},
          {"rewrites", to_json(options.rewrites)},
          {"dropout", to_json(options.dropout)},
          {"label_smoothing", options.label_smoothing},
          {"initialisation", to_json(options.initialisation)},
          {"seed", options.seed},
          {"batch", options.batch},
          {"steps", options.steps}};
}

RecurrentClassifierOptions read_options(const json& configuration, const Cell& cell) {
  RecurrentClassifierOptions options{.cell = cell};
  options.hidden = configuration.at("hidden").get<std::vector<Index>>();
  options.bidirectional = configuration.at("bidirectional").get<bool>();
  options.skip = configuration.at("skip").get<bool>();
  options.residual = configuration.at("residual").get<bool>();
  options.embed = configuration.at("embed").get<Index>();
  options.window = configuration.value("window", Index{0});  // older files have none
  options.pooling = parse_pooling(configuration.at("pooling").get<std::string>());
  options.rewrites = rewrites_from_json(configuration.at("rewrites"));
  options.dropout = around_from_json(configuration.at("dropout"));
  options.label_smoothing = configuration.at("label_smoothing").get<double>();
  options.initialisation = initialisation_from_json(configuration.at("initialisation"));
  options.seed = configuration.at("seed").get<std::uint64_t>();
  options.batch = configuration.at("batch").get<Index>();
  options.steps = configuration.at("steps").get<Index>();
  return options;
}

void store_input(const ClassifierInput& input, TensorFile& file) {
  if (const auto* vocabulary = std::get_if<Vocabulary>(&input)) {
    file.metadata[kVocabulary] = vocabulary->to_json();
    return;
  }
  store_standardisation(std::get<Standardisation>(input), file);
}

ClassifierInput read_input(TensorFile& file) {
  if (file.metadata.contains(kVocabulary)) return Vocabulary::from_json(file.text(kVocabulary));
  return read_standardisation(file);
}

/// What the model says of a made sequence.
std::vector<double> answer(RecurrentClassifier& model) {
  EncodedSequence sequence;
  sequence.steps = kSelfTestSteps;
  if (const auto* vocabulary = std::get_if<Vocabulary>(&model.input())) {
    for (Index i = 0; i < kSelfTestSteps; ++i) {
      sequence.symbols.push_back(static_cast<std::int32_t>((1 + 7 * i) % vocabulary->size()));
    }
  } else {
    sequence.values =
        Tensor({kSelfTestSteps, static_cast<Index>(std::get<Standardisation>(model.input()).mean.size())});
    for (Index i = 0; i < sequence.values.count(); ++i) sequence.values[i] = static_cast<float>(i % 3 - 1);
  }
  const EncodedSequence* const pointer = &sequence;
  return model.probabilities(std::span(&pointer, 1));
}

}  // namespace

void store_make(const RecurrentClassifier& model, TensorFile& file) {
  file.metadata["configuration"] = to_json(model.options()).dump();
  store_cell(model.options().cell, file);
  store_input(model.input(), file);
}

void save_labelling_model(const std::filesystem::path& path, RecurrentClassifier& model,
                          const ReadingDefaults& reading) {
  TensorFile file = begin_labelling_file(kClassifierFormat, model.labels(), reading);
  store_make(model, file);
  store_parameters(model.parameters(), file);
  store_self_test(answer(model), file);
  write_tensor_file(path, file);
}

RecurrentClassifier read_classifier(TensorFile& file) {
  expect_labelling_version(file);
  Labels labels = read_labels("labels", file);
  const Cell cell = read_cell(file);
  RecurrentClassifierOptions options =
      with_configuration(file, [&](const json& configuration) { return read_options(configuration, cell); });
  RecurrentClassifier model = [&] {
    try {
      return RecurrentClassifier(std::move(options), read_input(file), std::move(labels));
    } catch (const UsageError& error) {
      throw InputError(fmt::format("{}: {}", file.path, error.what()));
    }
  }();
  take_parameters(file, model.parameters());
  file.expect_all_taken();
  expect_self_test(answer(model), file);
  return model;
}

}  // namespace unfold
