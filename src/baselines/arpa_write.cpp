// An interpolated model as an ARPA file. Format: Doug Paul's at MIT Lincoln Laboratories, as documented by SRILM's
// ngram-format(5). The share that a context leaves to shorter ones is its back-off weight.
#include <fmt/format.h>

#include <cmath>

#include "base/file.h"
#include "baselines/ngram_model.h"
#include "unfold/arpa.h"
#include "unfold/error.h"

namespace unfold {
namespace {

constexpr double kLogZero = -99;

double log_10(double p) { return p > 0 ? std::log10(p) : kLogZero; }

class Writer {
 public:
  Writer(const CountedNGram& model, std::span<const std::string> words, FileSink& sink)
      : model_(model), words_(words), sink_(sink) {}

  void write(std::string_view remark) {
    if (!remark.empty()) put(fmt::format("# {}\n", remark));
    put("\\data\\\n");
    const std::vector<std::uint64_t> counts = model_.counts();
    // Tokens that the text lacks have unigrams too, and <s>, and without a boundary </s>.
    const std::size_t unigrams = words_.size() + (model_.boundary ? 1 : 2);
    for (std::size_t order = 1; order <= counts.size(); ++order) {
      put(fmt::format("ngram {}={}\n", order, order == 1 ? unigrams : counts[order - 1]));
    }
    put("\n\\1-grams:\n");
    write_unigrams();
    for (std::size_t order = 2; order <= counts.size(); ++order) {
      put(fmt::format("\n\\{}-grams:\n", order));
      visit_contexts(model_.tree, static_cast<std::uint32_t>(order - 1),
                     [this](std::span<const std::int32_t> context, const Continuations& continuations) {
                       write_ngrams({context.begin(), context.end()}, continuations);
                     });
    }
    put("\n\\end\\\n");
  }

 private:
  void put(std::string_view text) { sink_.write(text); }

  void write_unigrams() {
    for (std::int32_t token = 0; token < static_cast<std::int32_t>(words_.size()); ++token) {
      put(fmt::format("{:.9g}\t{}", log_10(model_.probability({}, token)), predicted(token)));
      write_backoff({token});
    }
    if (model_.boundary) {
      put(fmt::format("{}\t<s>", kLogZero));
      write_backoff_of({*model_.boundary});
    } else {
      put(fmt::format("{0}\t<s>\n{0}\t</s>\n", kLogZero));
    }
  }

  void write_ngrams(std::vector<std::int32_t> ngram, const Continuations& continuations) {
    const std::vector<std::int32_t> context = ngram;
    std::string before;
    for (const std::int32_t token : context) before += (token == model_.boundary ? "<s>" : word(token)) + ' ';
    for (const TokenCount& entry : continuations.counts) {
      const auto token = static_cast<std::int32_t>(entry.token);
      put(fmt::format("{:.9g}\t{}{}", log_10(model_.probability(context, token)), before, predicted(token)));
      ngram.resize(context.size());
      ngram.push_back(token);
      write_backoff(ngram);
    }
  }

  /// The weight of an n-gram as a context, where it is one, and the line's end.
  void write_backoff(const std::vector<std::int32_t>& context) {
    if (context.back() == model_.boundary) {
      put("\n");
    } else {
      write_backoff_of(context);
    }
  }

  void write_backoff_of(const std::vector<std::int32_t>& context) {
    ContextWalk walk(model_.tree, context);
    while (walk.lengthen()) {
    }
    const bool seen = walk.length() == context.size();
    const double left = seen ? model_.smoother.shares(walk.continuations(), walk.length()).lower : 1;
    put(left == 1 ? "\n" : fmt::format("\t{:.9g}\n", log_10(left)));
  }

  const std::string& word(std::int32_t token) const { return words_[static_cast<std::size_t>(token)]; }
  std::string predicted(std::int32_t token) const { return token == model_.boundary ? "</s>" : word(token); }

  const CountedNGram& model_;
  std::span<const std::string> words_;
  FileSink& sink_;
};

bool is_marker(std::string_view symbol) { return symbol == "<s>" || symbol == "</s>"; }

}  // namespace

std::string arpa_word(std::string_view symbol, bool ascii) {
  std::string word;
  for (std::size_t i = 0; i < symbol.size(); ++i) {
    const auto byte = static_cast<unsigned char>(symbol[i]);
    const bool plain = byte > ' ' && byte != 0x7F && byte != '%' && (byte < 0x80 || !ascii);
    if (plain && !(i == 0 && is_marker(symbol))) {
      word += symbol[i];
    } else {
      word += fmt::format("%{:02X}", byte);
    }
  }
  return word;
}

void save_arpa(const std::filesystem::path& file, const NGram& model, std::span<const std::string> words,
               std::string_view remark) {
  const auto* counted = dynamic_cast<const CountedNGram*>(&model.model());
  if (counted == nullptr) throw InputError("the model was read from an ARPA file; copy that");
  if (static_cast<Index>(words.size()) != model.vocabulary_size()) {
    throw ContractError(
        fmt::format("save_arpa: expected V = {} words, found {}", model.vocabulary_size(), words.size()));
  }
  if (model.boundary() && *model.boundary() + 1 != model.vocabulary_size()) {
    throw ContractError("save_arpa: expected the boundary to be the last id");
  }
  write_atomically(file, [&](FileSink& sink) { Writer(*counted, words, sink).write(remark); });
}

}  // namespace unfold
