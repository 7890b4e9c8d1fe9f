#include "models/labelling/tagger_file.h"

#include <fmt/core.h>

#include "models/labelling/labelling_header.h"
#include "models/labelling/named_rows_file.h"
#include "models/labelling/network_parts.h"
#include "models/options_json.h"
#include "models/parameter_store.h"

namespace unfold {
namespace {

using nlohmann::json;

// The keys of a tagger of words.
constexpr const char* kWords = "words";
constexpr const char* kCharacters = "characters";

json to_json(const RecurrentTaggerOptions& options) {
  json object = network_to_json(options);
  object["embed"] = options.words.embed;
  object["character_embed"] = options.words.character_embed;
  object["character_hidden"] = options.words.character_hidden;
  object["window"] = options.window;
  object["random_field"] = options.random_field;
  return object;
}

RecurrentTaggerOptions read_options(const json& configuration, const Cell& cell) {
  RecurrentTaggerOptions options{.cell = cell};
  network_from_json(configuration, options);
  options.words = {.embed = configuration.at("embed").get<Index>(),
                   .character_embed = configuration.at("character_embed").get<Index>(),
                   .character_hidden = configuration.at("character_hidden").get<Index>()};
  options.window = configuration.value("window", Index{0});  // older files have none
  options.random_field = configuration.at("random_field").get<bool>();
  return options;
}

void store_input(const TaggerInput& input, TensorFile& file) {
  if (const auto* units = std::get_if<WordUnits>(&input)) {
    store_names(kWords, units->words.names(), file);
    file.metadata[kCharacters] = units->characters.to_json();
    return;
  }
  store_standardisation(std::get<Standardisation>(input), file);
}

TaggerInput read_input(TensorFile& file) {
  if (file.metadata.contains(kWords)) {
    WordUnits units{.words = read_labels(kWords, file), .characters = Vocabulary::from_json(file.text(kCharacters))};
    if (units.words.size() == 0 || !units.characters.unknown()) {
      throw InputError(fmt::format("{}: the words or characters have no symbol for what is unknown", file.path));
    }
    return units;
  }
  return read_standardisation(file);
}

/// What the model says of a made sequence.
std::vector<double> answer(RecurrentTagger& model) {
  Sequence sequence;
  SequenceKind kind = SequenceKind::kWords;
  if (const auto* units = std::get_if<WordUnits>(&model.input())) {
    for (Index i = 0; i < kSelfTestSteps; ++i) {
      sequence.words.push_back(units->words.name(static_cast<std::int32_t>(i % units->words.size())));
    }
  } else {
    const auto& [mean, deviation] = std::get<Standardisation>(model.input());
    const auto size = static_cast<Index>(mean.size());
    kind = SequenceKind::kVectors;
    sequence.values = Tensor({kSelfTestSteps, size});
    for (Index i = 0; i < sequence.values.count(); ++i) {
      const auto feature = static_cast<std::size_t>(i % size);
      sequence.values[i] = mean[feature] + deviation[feature] * static_cast<float>(i % 3 - 1);
    }
  }
  const Sequence* const pointer = &sequence;
  return model.tag({&pointer, 1}, kind, true).front().probabilities;
}

}  // namespace

void store_configuration(const RecurrentTaggerOptions& options, TensorFile& file) {
  file.metadata["configuration"] = to_json(options).dump();
  store_cell(options.cell, file);
}

void save_labelling_model(const std::filesystem::path& path, RecurrentTagger& model, const ReadingDefaults& reading) {
  TensorFile file = begin_labelling_file(kTaggerFormat, model.labels(), reading);
  store_configuration(model.options(), file);
  store_input(model.input(), file);
  store_parameters(model.parameters(), file);
  store_self_test(answer(model), file);
  write_tensor_file(path, file);
}

RecurrentTagger read_tagger(TensorFile& file) {
  expect_labelling_version(file);
  Labels labels = read_labels("labels", file);
  const Cell cell = read_cell(file);
  RecurrentTagger model = with_configuration(file, [&](const json& configuration) {
    return RecurrentTagger(read_options(configuration, cell), read_input(file), std::move(labels));
  });
  take_parameters(file, model.parameters());
  file.expect_all_taken();
  expect_self_test(answer(model), file);
  return model;
}

}  // namespace unfold
