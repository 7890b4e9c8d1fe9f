#include "data/vocabulary/bpe.h"

#include <fmt/format.h>
#include <sentencepiece_processor.h>
#include <sentencepiece_trainer.h>

#include <algorithm>

#include "data/vocabulary/symbols.h"
#include "unfold/error.h"

namespace unfold {
namespace {

// SentencePiece's first id is its unknown symbol, which a model with a piece for every byte never gives; then come the
// bytes in order. Here ids begin with the bytes.
constexpr int kFirstPiece = 1;
constexpr int kBytes = 256;
// Pieces are learnt from so many different units at most, the most frequent: time and memory of learning grow with
// them, and what is rarer than these decides no merge.
constexpr std::size_t kMostUnits = 300'000;
constexpr std::string_view kWrittenSpace = "\u2581";

/// Hands the units to the trainer as its lines "text TAB count".
class CountedUnits final : public sentencepiece::SentenceIterator {
 public:
  explicit CountedUnits(const std::vector<SymbolCount>& units) : units_(units) { write(); }

  bool done() const override { return at_ == units_.size(); }
  void Next() override {
    ++at_;
    write();
  }
  const std::string& value() const override { return line_; }
  sentencepiece::util::Status status() const override { return {}; }

 private:
  void write() {
    while (at_ < units_.size() && is_raw_unit(units_[at_].symbol)) ++at_;
    if (!done()) line_ = fmt::format("{}\t{}", units_[at_].symbol, units_[at_].count);
  }

  const std::vector<SymbolCount>& units_;
  std::size_t at_ = 0;
  std::string line_;
};

std::string text_of_piece(const sentencepiece::SentencePieceProcessor& processor, int id) {
  if (processor.IsByte(id)) return std::string(1, static_cast<char>(id - kFirstPiece));
  std::string text = processor.IdToPiece(id);
  for (auto at = text.find(kWrittenSpace); at != std::string::npos; at = text.find(kWrittenSpace, at)) {
    text.replace(at, kWrittenSpace.size(), " ");
  }
  return text;
}

bool has_bytes_first(const sentencepiece::SentencePieceProcessor& processor) {
  if (processor.GetPieceSize() < kFirstPiece + kBytes || !processor.IsUnknown(0)) return false;
  for (int byte = 0; byte < kBytes; ++byte) {
    const int id = byte + kFirstPiece;
    if (!processor.IsByte(id) || processor.IdToPiece(id) != fmt::format("<0x{:02X}>", byte)) return false;
  }
  return true;
}

}  // namespace

struct Bpe::Implementation {
  std::string model;
  sentencepiece::SentencePieceProcessor processor;
  std::vector<std::string> pieces;
};

Bpe::Bpe(std::unique_ptr<const Implementation> implementation) : implementation_(std::move(implementation)) {}
Bpe::Bpe(Bpe&&) noexcept = default;
Bpe::~Bpe() = default;

const std::vector<std::string>& Bpe::pieces() const { return implementation_->pieces; }
const std::string& Bpe::model() const { return implementation_->model; }

Bpe Bpe::train(std::vector<SymbolCount> units, Index size) {
  std::sort(units.begin(), units.end(), [](const SymbolCount& a, const SymbolCount& b) {
    return a.count != b.count ? a.count > b.count : a.symbol < b.symbol;
  });
  if (units.size() > kMostUnits) units.resize(kMostUnits);
  CountedUnits lines(units);
  if (lines.done()) throw InputError("there is no text to learn pieces of words from: it has control characters only");
  std::string model;
  const auto status =
      sentencepiece::SentencePieceTrainer::Train({{"model_type", "bpe"},
                                                  {"input_format", "tsv"},
                                                  {"vocab_size", fmt::format("{}", size + kFirstPiece)},
                                                  {"hard_vocab_limit", "false"},  // a small text has fewer pieces
                                                  {"byte_fallback", "true"},
                                                  // Nothing of the text is changed or dropped.
                                                  {"normalization_rule_name", "identity"},
                                                  {"remove_extra_whitespaces", "false"},
                                                  {"add_dummy_prefix", "false"},
                                                  {"allow_whitespace_only_pieces", "true"},
                                                  {"max_sentence_length", "1000000000"},
                                                  {"bos_id", "-1"},
                                                  {"eos_id", "-1"},
                                                  {"num_threads", "1"},
                                                  {"minloglevel", "2"}},
                                                 &lines, &model);
  if (!status.ok()) {
    throw UsageError(fmt::format("SentencePiece cannot learn {} pieces from this text: {}", size, status.ToString()));
  }
  return load(std::move(model));
}

Bpe Bpe::load(std::string model) {
  auto bpe = std::make_unique<Implementation>();
  bpe->model = std::move(model);
  if (!bpe->processor.LoadFromSerializedProto(bpe->model).ok() || !has_bytes_first(bpe->processor)) {
    throw InputError("the vocabulary is damaged: its pieces are not a model of SentencePiece that this program wrote");
  }
  for (int id = kFirstPiece; id < bpe->processor.GetPieceSize(); ++id) {
    bpe->pieces.push_back(text_of_piece(bpe->processor, id));
  }
  return Bpe(std::move(bpe));
}

void Bpe::encode(std::string_view unit, std::vector<std::int32_t>& ids) const {
  if (is_raw_unit(unit)) {
    for (const char character : unit) ids.push_back(byte(static_cast<unsigned char>(character)));
    return;
  }
  std::vector<int> found;
  if (!implementation_->processor.Encode(std::string(unit), &found).ok()) {
    throw ContractError("SentencePiece cannot encode a text that is UTF-8");
  }
  for (const int id : found) ids.push_back(id - kFirstPiece);
}

}  // namespace unfold
