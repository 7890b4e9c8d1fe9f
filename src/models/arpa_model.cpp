#include "models/arpa_model.h"

#include <fmt/core.h>

#include <set>

#include "unfold/arpa.h"
#include "unfold/error.h"
#include "unfold/ngram_text_model.h"

namespace unfold {
namespace {

constexpr std::string_view kRemark = "unfold vocabulary ";
constexpr const char* kStop = "</s>";

std::vector<std::string> arpa_words(const Vocabulary& vocabulary, bool divided) {
  const bool bytes = vocabulary.level() == Level::kByte || vocabulary.level() == Level::kBpe;
  std::vector<std::string> words;
  std::set<std::string> taken;
  for (std::int32_t id = 0; id < vocabulary.size(); ++id) {
    std::string word = arpa_word(vocabulary.symbol(id), bytes);
    // A byte and a piece of that one byte are different tokens of the same text.
    if (word.empty() || !taken.insert(word).second) word += fmt::format("%#{}", id);
    words.push_back(std::move(word));
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

/// Of another program's model, in which every line is a sentence.
Vocabulary vocabulary_of_words(const ArpaModel& arpa) {
  std::vector<SymbolCount> counts;  // falling, so that the words keep their order
  for (const std::string& word : arpa.words) {
    if (word != kStop) counts.push_back({word, static_cast<Index>(arpa.words.size() - counts.size())});
  }
  const auto kind = arpa.model.boundary() ? Division::Kind::kLines : Division::Kind::kWhole;
  return Vocabulary::build(Level::kWord, std::move(counts), {.division = {.kind = kind}});
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
  Vocabulary vocabulary = own ? std::move(*own) : vocabulary_of_words(arpa);
  return {std::make_unique<NGramTextModel>(std::move(arpa.model)), std::move(vocabulary)};
}

}  // namespace unfold
