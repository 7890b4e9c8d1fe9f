#include "models/arpa_model.h"

#include <fmt/core.h>

#include <nlohmann/json.hpp>

#include "unfold/arpa.h"
#include "unfold/error.h"
#include "unfold/ngram_text_model.h"

namespace unfold {
namespace {

constexpr std::string_view kRemark = "unfold vocabulary ";
constexpr const char* kStop = "</s>";
constexpr const char* kLineEnd = "\n";

std::vector<std::string> arpa_words(const Vocabulary& vocabulary, bool divided) {
  std::vector<std::string> words;
  for (std::int32_t id = 0; id < vocabulary.size(); ++id) {
    words.push_back(arpa_word(vocabulary.symbol(id), vocabulary.level() == Level::kByte));
  }
  if (divided) words.back() = kStop;
  return words;
}

/// The vocabulary that the program wrote beside its own model, if it did.
std::optional<Vocabulary> own_vocabulary(const ArpaModel& arpa, const std::string& source) {
  for (const std::string& remark : arpa.remarks) {
    const std::size_t place = remark.find(kRemark);
    if (place == std::string::npos) continue;
    Vocabulary vocabulary = Vocabulary::from_json(remark.substr(place + kRemark.size()));
    if (arpa_words(vocabulary, arpa.model.boundary().has_value()) != arpa.words) {
      throw InputError(fmt::format("{}: the unigrams are not those of the vocabulary in its remark", source));
    }
    return vocabulary;
  }
  return std::nullopt;
}

/// Of another program's model. Its </s> is predicted where a line ends.
Vocabulary vocabulary_of_words(const ArpaModel& arpa, const std::string& source) {
  nlohmann::json symbols = nlohmann::json::array();
  for (const std::string& word : arpa.words) symbols.push_back(word == kStop ? kLineEnd : word);
  try {
    return Vocabulary::from_json(nlohmann::json{{"level", "word"}, {"symbols", symbols}}.dump());
  } catch (const InputError& error) {
    throw InputError(fmt::format("{}: its words are not words of a text here: {}", source, error.what()));
  }
}

}  // namespace

void export_arpa(const std::filesystem::path& file, const NGram& model, const Vocabulary& vocabulary) {
  if (vocabulary.size() != model.vocabulary_size()) {
    throw ContractError(fmt::format("the vocabulary has {} symbols, the model was made for {}", vocabulary.size(),
                                    model.vocabulary_size()));
  }
  save_arpa(file, model, arpa_words(vocabulary, model.boundary().has_value()),
            std::string(kRemark) + vocabulary.to_json());
}

LoadedTextModel read_arpa_model(std::string_view content, const std::string& source) {
  ArpaModel arpa = parse_arpa(content, source);
  std::optional<Vocabulary> own = own_vocabulary(arpa, source);
  Vocabulary vocabulary = own ? std::move(*own) : vocabulary_of_words(arpa, source);
  return {std::make_unique<NGramTextModel>(std::move(arpa.model)), std::move(vocabulary)};
}

}  // namespace unfold
