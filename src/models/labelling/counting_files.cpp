#include "models/labelling/counting_files.h"

#include <nlohmann/json.hpp>

#include "models/labelling/labelling_header.h"
#include "models/labelling/named_rows_file.h"

namespace unfold {

using nlohmann::json;

void save_labelling_model(const std::filesystem::path& path, const HiddenMarkovTagger& model,
                          const ReadingDefaults& reading) {
  TensorFile file = begin_labelling_file(kHiddenMarkovFormat, model.labels(), reading);
  const HiddenMarkov::Tables& tables = model.model().tables();
  file.metadata["configuration"] = json({{"order", tables.order}}).dump();
  file.tensors["transitions"] = StoredTensor::of(tables.transitions);
  store_rows("words", tables.words, file);
  store_rows("endings", tables.endings, file);
  write_tensor_file(path, file);
}

std::unique_ptr<SequenceTagger> read_hidden_markov(TensorFile& file) {
  expect_labelling_version(file);
  Labels labels = read_labels("labels", file);
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
  TensorFile file = begin_labelling_file(kNaiveBayesFormat, model.labels(), reading);
  const TextFeatures& features = model.features();
  file.metadata["configuration"] =
      json({{"level", level_name(features.level)}, {"longest", features.longest}, {"shortest", features.shortest}})
          .dump();
  file.tensors["log_prior"] = StoredTensor::of(model.model().tables().log_prior);
  store_rows("features", model.model().tables().features, file);
  write_tensor_file(path, file);
}

std::unique_ptr<SequenceClassifier> read_naive_bayes(TensorFile& file) {
  expect_labelling_version(file);
  Labels labels = read_labels("labels", file);
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
