#include "unfold/model_file.h"

#include <fmt/core.h>

#include "base/file.h"
#include "models/arpa_model.h"
#include "models/configuration.h"
#include "models/find_model.h"
#include "models/ngram_file.h"
#include "models/parameter_store.h"
#include "models/self_test.h"
#include "unfold/arpa.h"
#include "unfold/error.h"
#include "unfold/language_text_model.h"
#include "unfold/ngram_text_model.h"

namespace unfold {

namespace {

constexpr const char* kFormat = "unfold language model";
constexpr const char* kFormatVersion = "2";
constexpr const char* kModelOfRun = "model.safetensors";

void expect_format(const TensorFile& file) {
  const auto format = file.metadata.find("format");
  if (format == file.metadata.end() || format->second != kFormat) {
    throw InputError(fmt::format("{}: expected an {}, found {}; pass a run directory or its {}", file.path, kFormat,
                                 format == file.metadata.end() ? "none" : "an " + format->second, kModelOfRun));
  }
  if (file.text("format_version") != kFormatVersion) {
    throw InputError(
        fmt::format("{}: the format has version {}; this program reads version {}. Use the program that "
                    "wrote the file, or train the model again",
                    file.path, file.text("format_version"), kFormatVersion));
  }
}

}  // namespace

void save_model(const std::filesystem::path& file, LanguageModel& model, const Vocabulary& vocabulary) {
  if (vocabulary.size() != model.vocabulary()) {
    throw ContractError(
        fmt::format("the vocabulary has {} symbols, the model was made for {}", vocabulary.size(), model.vocabulary()));
  }
  TensorFile content;
  store_parameters(model.parameters(), content);
  store_configuration(model.options(), content);
  content.metadata.emplace("format", kFormat);
  content.metadata.emplace("format_version", kFormatVersion);
  content.metadata["vocabulary"] = vocabulary.to_json();
  content.metadata["self_test"] = make_self_test(model);
  write_tensor_file(file, content);
}

namespace {

LoadedModel read_network(TensorFile file) {
  expect_format(file);
  Vocabulary vocabulary = Vocabulary::from_json(file.text("vocabulary"));
  LanguageModel model(read_configuration(file), vocabulary.size());
  take_parameters(file, model.parameters());
  file.expect_all_taken();
  run_self_test(model, file.text("self_test"), file.path);
  return {std::move(model), std::move(vocabulary), std::move(file.metadata)};
}

LoadedTextModel read_text_model(TensorFile file) {
  const auto format = file.metadata.find("format");
  if (format != file.metadata.end() && format->second == kNGramFormat) {
    Vocabulary vocabulary = Vocabulary::from_json(file.text("vocabulary"));
    auto model = std::make_unique<NGramTextModel>(read_ngram(file, vocabulary.size()));
    return {std::move(model), std::move(vocabulary)};
  }
  LoadedModel loaded = read_network(std::move(file));
  const Index batch = loaded.model.options().batch;
  const Index steps = loaded.model.options().steps;
  return {std::make_unique<LanguageTextModel>(std::move(loaded.model)), std::move(loaded.vocabulary), batch, steps};
}

}  // namespace

LoadedModel load_model(const std::filesystem::path& file_or_run) {
  return read_network(read_tensor_file(find_model(file_or_run)));
}

void save_ngram(const std::filesystem::path& file, const NGram& model, const Vocabulary& vocabulary) {
  write_tensor_file(file, ngram_content(model, vocabulary));
}

LoadedTextModel load_text_model(const std::filesystem::path& file_or_run) {
  const std::filesystem::path path = find_model(file_or_run);
  std::string content = read_file(path);
  if (is_arpa(content)) return read_arpa_model(content, path.string());
  return read_text_model(parse_tensor_file(std::move(content), path.string()));
}

}  // namespace unfold
