#include "models/labelling/classifier_file.h"

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
  json object = network_to_json(options);
  object["bidirectional"] = options.bidirectional;
  object["embed"] = options.embed;
  object["window"] = options.window;
  object["pooling"] = pooling_name(options.pooling);
  return object;
}

RecurrentClassifierOptions read_options(const json& configuration, const Cell& cell) {
  RecurrentClassifierOptions options{.cell = cell};
  network_from_json(configuration, options);
  options.bidirectional = configuration.at("bidirectional").get<bool>();
  options.embed = configuration.at("embed").get<Index>();
  options.window = configuration.value("window", Index{0});  // older files have none
  options.pooling = parse_pooling(configuration.at("pooling").get<std::string>());
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
  RecurrentClassifier model = with_configuration(file, [&](const json& configuration) {
    return RecurrentClassifier(read_options(configuration, cell), read_input(file), std::move(labels));
  });
  take_parameters(file, model.parameters());
  file.expect_all_taken();
  expect_self_test(answer(model), file);
  return model;
}

}  // namespace unfold
