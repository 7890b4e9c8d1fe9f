#include "models/labelling/counting_files.h"

#include <fmt/core.h>

#include <nlohmann/json.hpp>

#include "models/labelling/named_rows_file.h"
#include "unfold/error.h"

namespace unfold {
namespace {

using nlohmann::json;

constexpr const char* kFormatVersion = "1";

TensorFile begin_file(const char* format, const Labels& labels, const ReadingDefaults& reading) {
  TensorFile file;
  file.metadata = {{"format", format}, {"format_version", kFormatVersion}, {"reading", reading.to_json()}};
  store_names("labels", labels.names(), file);
  return file;
}

void expect_version(const TensorFile& file) {
  if (file.text("format_version") == kFormatVersion) return;
  throw InputError(fmt::format("{}: the format has version {}; this program reads version {}", file.path,
                               file.text("format_version"), kFormatVersion));
}

Labels read_labels(const TensorFile& file) {
  Labels labels;
  for (const std::string& name : read_names("labels", file)) {
    const Index known = labels.size();
    if (labels.add(name) < known) throw InputError(fmt::format("{}: the label '{}' is there twice", file.path, name));
  }
  return labels;
}

/// Calls read(configuration), which takes it apart.
template <class Read>
auto with_configuration(const TensorFile& file, const Read& read) {
  try {
    return read(json::parse(file.text("configuration")));
  } catch (const json::exception& error) {
    throw InputError(fmt::format("{}: the metadata 'configuration' cannot be read: {}", file.path, error.what()));
  } catch (const UsageError& error) {
    throw InputError(fmt::format("{}: {}", file.path, error.what()));
  }
}

}  // namespace

void save_labelling_model(const std::filesystem::path& path, const HiddenMarkovTagger& model,
                          const ReadingDefaults& reading) {
  TensorFile file = begin_file(kHiddenMarkovFormat, model.labels(), reading);
  const HiddenMarkov::Tables& tables = model.model().tables();
  file.metadata["configuration"] = json({{"order", tables.order}}).dump();
  file.tensors["transitions"] = StoredTensor::of(tables.transitions);
  store_rows("words", tables.words, file);
  store_rows("endings", tables.endings, file);
  write_tensor_file(path, file);
}

std::unique_ptr<SequenceTagger> read_hidden_markov(TensorFile& file) {
  expect_version(file);
  Labels labels = read_labels(file);
  HiddenMarkov::Tables tables;
  tables.tags = labels.size();
  tables.order =
      with_configuration(file, [](const json& configuration) { return configuration.at("order").get<int>(); });
  const Index side = tables.tags + 1;
  tables.transitions = file.take_doubles("transitions", tables.order == 2 ? side * side * side : side * side);
  tables.words = take_rows("words", tables.tags, file);
  tables.endings = take_rows("endings", tables.tags, file);
  file.expect_all_taken();
  return std::make_unique<HiddenMarkovTagger>(HiddenMarkov(std::move(tables)), std::move(labels));
}

void save_labelling_model(const std::filesystem::path& path, const NaiveBayesClassifier& model,
                          const ReadingDefaults& reading) {
  TensorFile file = begin_file(kNaiveBayesFormat, model.labels(), reading);
  const TextFeatures& features = model.features();
  file.metadata["configuration"] =
      json({{"level", level_name(features.level)}, {"longest", features.longest}, {"shortest", features.shortest}})
          .dump();
  file.tensors["log_prior"] = StoredTensor::of(model.model().tables().log_prior);
  store_rows("features", model.model().tables().features, file);
  write_tensor_file(path, file);
}

std::unique_ptr<SequenceClassifier> read_naive_bayes(TensorFile& file) {
  expect_version(file);
  Labels labels = read_labels(file);
  const TextFeatures features = with_configuration(file, [](const json& configuration) {
    return TextFeatures{.level = parse_level(configuration.at("level").get<std::string>()),
                        .longest = configuration.at("longest").get<Index>(),
                        .shortest = configuration.at("shortest").get<Index>()};
  });
  NaiveBayes::Tables tables;
  tables.log_prior = file.take_doubles("log_prior", labels.size());
  tables.features = take_rows("features", labels.size(), file);
  file.expect_all_taken();
  return std::make_unique<NaiveBayesClassifier>(NaiveBayes(std::move(tables)), features, std::move(labels));
}

}  // namespace unfold
