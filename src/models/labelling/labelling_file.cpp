// Which model a file holds.
#include <fmt/core.h>

#include "models/find_model.h"
#include "models/labelling/classifier_file.h"
#include "models/labelling/counting_files.h"
#include "models/labelling/tagger_file.h"
#include "models/safetensors.h"
#include "unfold/error.h"
#include "unfold/labelling_model.h"

namespace unfold {
namespace {

bool is_known(const std::string& format) {
  return format == kHiddenMarkovFormat || format == kNaiveBayesFormat || format == kClassifierFormat ||
         format == kTaggerFormat;
}

}  // namespace

const Labels& LoadedLabellingModel::labels() const {
  return std::visit([](const auto& any) -> const Labels& { return any->labels(); }, model);
}

bool is_labelling_model(const std::filesystem::path& file_or_run) { return is_known(model_format(file_or_run)); }

LoadedLabellingModel load_labelling_model(const std::filesystem::path& file_or_run) {
  TensorFile file = read_tensor_file(find_model(file_or_run));
  const std::string format = format_of(file);
  if (!is_known(format)) {
    throw InputError(fmt::format("{}: expected a model that labels sequences, found {}", file.path,
                                 format.empty() ? "none" : "an " + format));
  }
  LoadedLabellingModel loaded{.model = {}, .reading = ReadingDefaults::from_json(file.text("reading"))};
  if (format == kHiddenMarkovFormat) loaded.model = read_hidden_markov(file);
  if (format == kTaggerFormat) loaded.model = std::make_unique<RecurrentTagger>(read_tagger(file));
  if (format == kNaiveBayesFormat) loaded.model = read_naive_bayes(file);
  if (format == kClassifierFormat) loaded.model = std::make_unique<RecurrentClassifier>(read_classifier(file));
  return loaded;
}

}  // namespace unfold
