// Reading an ARPA file into a back-off model.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <unordered_map>

#include "baselines/arpa_lines.h"
#include "baselines/backoff_ngram.h"
#include "unfold/arpa.h"

namespace unfold {
namespace {

constexpr double kLogZero = -99;
constexpr std::string_view kData = "\\data\\";
constexpr std::string_view kEnd = "\\end\\";
constexpr std::string_view kBegin = "<s>";
constexpr std::string_view kStop = "</s>";
constexpr std::string_view kUnknown = "<unk>";

double power(double log10) { return log10 <= kLogZero ? 0 : std::pow(10, log10); }

class Reader {
 public:
  Reader(std::string_view content, const std::string& source) : lines_(content, source) {}

  ArpaModel read() {
    read_counts();
    read_unigrams();
    for (std::size_t order = 2; order <= model_->of_order.size(); ++order) read_ngrams(order);
    lines_.expect(lines_.line() == kEnd, fmt::format("expected {}, found '{}'", kEnd, lines_.line()));
    model_->order = static_cast<int>(model_->of_order.size());
    return {NGram(std::move(model_)), std::move(words_), std::move(remarks_)};
  }

 private:
  /// An n-gram as it stands in its line; `parent` is the entry of all its tokens but the last.
  struct Listed {
    std::uint32_t parent = 0;
    BackoffNGram::Entry entry;
  };

  void read_counts() {
    while (lines_.next() && lines_.line() != kData) {
      if (lines_.line().front() == '#') remarks_.emplace_back(lines_.line().substr(1));
    }
    lines_.expect(lines_.line() == kData, "expected \\data\\, found the end of the file");
    while (lines_.next() && lines_.line().starts_with("ngram")) {
      const std::string_view text = lines_.line().substr(5);
      const std::size_t equals = text.find('=');
      lines_.expect(equals != std::string_view::npos, "expected 'ngram ORDER=COUNT'");
      const std::string_view order = text.substr(std::min(text.find_first_not_of(' '), equals), std::string_view::npos);
      const std::size_t expected = model_->of_order.size() + 1;
      lines_.expect(lines_.count(order.substr(0, order.find('='))) == expected,
                    fmt::format("expected the count of {}-grams", expected));
      model_->of_order.push_back(lines_.count(text.substr(equals + 1)));
    }
    lines_.expect(!model_->of_order.empty(), "expected 'ngram 1=COUNT'");
    lines_.expect(model_->of_order.size() <= static_cast<std::size_t>(NGram::kHighestOrder), "the order is too high");
  }

  /// Calls read(fields) for each n-gram of a section, and leaves the line behind it.
  template <class Read>
  void read_section(std::size_t order, const Read& read) {
    const std::string heading = fmt::format("\\{}-grams:", order);
    lines_.expect(lines_.line() == heading, fmt::format("expected {}, found '{}'", heading, lines_.line()));
    std::uint64_t found = 0;
    bool more = false;
    while ((more = lines_.next()) && lines_.line().front() != '\\') {
      const std::vector<std::string_view> fields = lines_.fields();
      lines_.expect(fields.size() == order + 1 || fields.size() == order + 2,
                    fmt::format("expected log10 p, {} words and perhaps a back-off weight, found {} fields", order,
                                fields.size()));
      lines_.expect(lines_.number(fields[0]) <= 0, fmt::format("log10 p is {}, above 0", fields[0]));
      read(fields);
      ++found;
    }
    lines_.expect(more, fmt::format("the file ends before {}", kEnd));
    lines_.expect(found == model_->of_order[order - 1],
                  fmt::format("the header says {} {}-grams, found {}", model_->of_order[order - 1], order, found));
  }

  BackoffNGram::Entry entry(const std::vector<std::string_view>& fields, std::size_t order) const {
    BackoffNGram::Entry result;
    result.probability = power(lines_.number(fields[0]));
    if (fields.size() == order + 2) result.backoff = power(lines_.number(fields.back()));
    return result;
  }

  void read_unigrams() {
    std::vector<Listed> listed;
    std::vector<Listed> begin;
    std::vector<Listed> stop;
    read_section(1, [&](const std::vector<std::string_view>& fields) {
      const Listed unigram{0, entry(fields, 1)};
      lines_.expect(ids_.emplace(std::string(fields[1]), 0).second, fmt::format("'{}' occurs twice", fields[1]));
      if (fields[1] == kBegin) {
        begin.push_back(unigram);
      } else if (fields[1] == kStop) {
        stop.push_back(unigram);
      } else {
        const auto place = fields[1] == kUnknown ? 0 : static_cast<std::ptrdiff_t>(words_.size());
        words_.emplace(words_.begin() + place, fields[1]);
        listed.insert(listed.begin() + place, unigram);
      }
    });
    const bool divided = !stop.empty() && stop[0].entry.probability > 0;
    if (divided) {
      words_.emplace_back(kStop);
      listed.push_back(stop[0]);
    }
    lines_.expect(!words_.empty(), "there is no unigram");
    // </s> where nothing predicts it, and <s>, have ids beyond the vocabulary.
    model_->vocabulary_size = static_cast<Index>(words_.size());
    if (divided) model_->boundary = static_cast<std::int32_t>(words_.size()) - 1;
    for (std::size_t id = 0; id < words_.size(); ++id) ids_[words_[id]] = static_cast<std::int32_t>(id);
    ids_[std::string(kBegin)] = static_cast<std::int32_t>(words_.size());
    if (!divided) ids_[std::string(kStop)] = static_cast<std::int32_t>(words_.size()) + 1;
    if (!begin.empty()) listed.push_back({0, {.probability = 0, .backoff = begin[0].entry.backoff}});
    for (std::size_t i = 0; i < listed.size(); ++i) listed[i].entry.token = static_cast<std::int32_t>(i);
    append(listed);
  }

  void read_ngrams(std::size_t order) {
    std::vector<Listed> listed;
    std::vector<std::int32_t> context;
    read_section(order, [&](const std::vector<std::string_view>& fields) {
      context.clear();
      for (std::size_t i = 1; i < order; ++i) context.push_back(id(fields[i]));
      const BackoffNGram::Entry* const parent = model_->find(context);
      lines_.expect(parent != nullptr, "the n-gram without its last word is not listed");
      Listed ngram{static_cast<std::uint32_t>(parent - model_->entries.data()), entry(fields, order)};
      ngram.entry.token = id(fields[order]);
      listed.push_back(ngram);
    });
    append(listed);
  }

  std::int32_t id(std::string_view word) const {
    const auto found = ids_.find(std::string(word));
    lines_.expect(found != ids_.end(), fmt::format("'{}' is not among the unigrams", word));
    return found->second;
  }

  void append(std::vector<Listed>& listed) {
    const auto before = [](const Listed& a, const Listed& b) {
      return a.parent != b.parent ? a.parent < b.parent : a.entry.token < b.entry.token;
    };
    std::sort(listed.begin(), listed.end(), before);
    const auto twice = std::adjacent_find(listed.begin(), listed.end(),
                                          [&](const Listed& a, const Listed& b) { return !before(a, b); });
    lines_.expect(twice == listed.end(), "the section before this line lists an n-gram twice");
    for (const Listed& ngram : listed) {
      BackoffNGram::Entry& parent = model_->entries[ngram.parent];
      if (parent.children++ == 0) parent.first_child = static_cast<std::uint32_t>(model_->entries.size());
      model_->entries.push_back(ngram.entry);
    }
  }

  ArpaLines lines_;
  std::unique_ptr<BackoffNGram> model_ = std::make_unique<BackoffNGram>();
  std::vector<std::string> words_;
  std::vector<std::string> remarks_;
  std::unordered_map<std::string, std::int32_t> ids_;
};

}  // namespace

bool is_arpa(std::string_view content) {
  while (!content.empty()) {
    const std::size_t end = std::min(content.find('\n'), content.size());
    const std::string_view line = content.substr(0, end);
    if (line.starts_with(kData)) return true;
    if (!line.empty() && line.front() != '#' && line.find_first_not_of(" \t\r") != std::string_view::npos) return false;
    content.remove_prefix(std::min(end + 1, content.size()));
  }
  return false;
}

ArpaModel parse_arpa(std::string_view content, const std::string& source) { return Reader(content, source).read(); }

}  // namespace unfold
