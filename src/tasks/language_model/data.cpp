#include "tasks/language_model/data.h"

#include <fmt/format.h>

#include "unfold/error.h"

namespace unfold {
namespace {

namespace fs = std::filesystem;

Division division_of(const TextSettings& text) {
  if (text.lines && !text.document_separator.empty()) {
    throw UsageError("--lines and --document-separator exclude each other: every line is a sequence, or a document is");
  }
  if (text.lines) return {.kind = Division::Kind::kLines};
  const bool documents = !text.document_separator.empty() || text_files(text.data, text.include).size() > 1;
  return documents ? Division{Division::Kind::kDocuments, text.document_separator} : Division{};
}

CorpusOptions corpus_options(const TextSettings& text) {
  CorpusOptions options;
  options.data = text.data;
  options.valid = text.valid;
  options.include = text.include;
  options.held_out = text.held_out;
  options.level = parse_level(text.level);
  options.vocabulary = {.max_size = text.vocabulary, .min_count = text.min_count, .division = division_of(text)};
  return options;
}

}  // namespace

TextFolder::TextFolder(const RunDirectory& run)
    : place_(run.text()), path_(run.resumes() ? place_ : fs::path(place_.string() + ".partial")) {}

TextFolder::~TextFolder() {
  if (is_kept()) return;
  std::error_code ignored;
  fs::remove_all(path_, ignored);
  fs::remove(path_.parent_path(), ignored);  // the run's folder, if nothing else is in it
}

void TextFolder::keep() {
  if (is_kept()) return;
  std::error_code error;
  fs::rename(path_, place_, error);
  if (error) throw InputError(fmt::format("cannot write '{}': {}", place_.string(), error.message()));
  path_ = place_;
}

LanguageModelData read_data(const LanguageModelSettings& settings, const TextFolder& folder) {
  const CorpusOptions options = corpus_options(settings.text);
  LanguageModelData data{folder.is_kept() ? open_corpus(options, folder.path()) : make_corpus(options, folder.path()),
                         fmt::format("{}", fmt::join(settings.text.data, " "))};
  return data;
}

std::unique_ptr<TrainingBatches> training_batches(const LanguageModelSettings& settings,
                                                  const LanguageModelData& data) {
  const TextSettings& text = settings.text;
  const auto seed = static_cast<std::uint64_t>(settings.seed);
  const auto boundary = data.vocabulary.boundary();
  if (text.lines) return std::make_unique<LineBatches>(data.train, *boundary, text.batch, seed);
  const StreamOptions options{.boundary = boundary, .jitter = text.unroll_jitter, .seed = seed};
  return std::make_unique<StreamBatches>(data.train, text.batch, text.unroll, options);
}

EvaluationBatches validation_batches(const LanguageModelSettings& settings, const LanguageModelData& data) {
  return {data.valid,
          settings.text.batch,
          settings.text.unroll,
          {.boundary = data.vocabulary.boundary(), .lines = settings.text.lines}};
}

}  // namespace unfold
