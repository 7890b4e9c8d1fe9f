// Beam search: the most probable texts.
#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <tuple>

#include "generate/rules.h"
#include "generate/start.h"
#include "unfold/error.h"
#include "unfold/generate.h"

namespace unfold {

namespace {

/// A text that may still be the best.
struct Hypothesis {
  Rules::Position position;
  std::int32_t last_token = 0;
  Index row = 0;  // of the state
  std::vector<WrittenToken> tokens = {};
  double log_probability = 0;
  bool ended = false;
};

/// A hypothesis with one choice more, or as it is, where it has ended.
struct Candidate {
  double score = 0;
  std::size_t hypothesis = 0;
  std::int32_t choice = -1;
  float log_probability = 0;
};

void check(const BeamOptions& options) {
  if (options.length < 0) throw UsageError(fmt::format("the length must be 0 or more, not {}", options.length));
  if (options.width < 1) throw UsageError(fmt::format("the beam must be 1 wide or more, not {}", options.width));
  if (!std::isfinite(options.length_penalty)) throw UsageError("the length penalty must be a finite number");
}

class Search {
 public:
  Search(TextModel& model, const Vocabulary& vocabulary, const BeamOptions& options, const Continuation* from)
      : model_(model), options_(options), rules_(vocabulary, options.match) {
    Start start = read_prompt(model, vocabulary, options.prompt, from);
    state_ = std::move(start.state);
    const std::int32_t before = token_before(start, 0);
    const Rules::Position position = rules_.begin(before, options.length);
    beam_.push_back({.position = position, .last_token = before});
    beam_.front().ended = rules_.must_end(position, options.length);
  }

  std::vector<Hypothesis> run() {
    for (Index remaining = options_.length; step(remaining); --remaining) {
    }
    return std::move(beam_);
  }

 private:
  double score(double log_probability, std::size_t tokens) const {
    if (options_.length_penalty == 0 || tokens == 0) return log_probability;
    return log_probability / std::pow(static_cast<double>(tokens), options_.length_penalty);
  }

  /// One token more. False where every text has ended.
  bool step(Index remaining) {
    std::vector<std::int32_t> tokens;
    for (Hypothesis& hypothesis : beam_) {
      if (hypothesis.ended) continue;
      hypothesis.row = static_cast<Index>(tokens.size());
      tokens.push_back(hypothesis.last_token);
    }
    if (tokens.empty()) return false;
    const Tensor next = model_.step(state_, tokens);
    advance(best(candidates(next, remaining)), remaining - 1);
    return true;
  }

  std::vector<Candidate> candidates(const Tensor& next, Index remaining) {
    std::vector<Candidate> all;
    const auto symbols = static_cast<std::size_t>(model_.symbols());
    for (std::size_t h = 0; h < beam_.size(); ++h) {
      const Hypothesis& hypothesis = beam_[h];
      if (hypothesis.ended) {
        all.push_back({score(hypothesis.log_probability, hypothesis.tokens.size()), h});
        continue;
      }
      const auto row = next.values().subspan(static_cast<std::size_t>(hypothesis.row) * symbols, symbols);
      const std::vector<float> choices = rules_.choices(row, hypothesis.position, remaining);
      for (std::size_t choice = 0; choice < choices.size(); ++choice) {
        if (!(choices[choice] > -std::numeric_limits<float>::infinity())) continue;
        const double sum = hypothesis.log_probability + choices[choice];
        all.push_back(
            {score(sum, hypothesis.tokens.size() + 1), h, static_cast<std::int32_t>(choice), choices[choice]});
      }
    }
    return all;
  }

  /// The `width` best in order; of equal ones that of the better hypothesis, then the first choice.
  std::vector<Candidate> best(std::vector<Candidate> all) const {
    const auto better = [](const Candidate& a, const Candidate& b) {
      return std::tie(b.score, a.hypothesis, a.choice) < std::tie(a.score, b.hypothesis, b.choice);
    };
    const std::size_t count = std::min(all.size(), static_cast<std::size_t>(options_.width));
    std::partial_sort(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(count), all.end(), better);
    all.resize(count);
    return all;
  }

  void advance(const std::vector<Candidate>& chosen, Index remaining) {
    std::vector<Hypothesis> beam;
    std::vector<Index> rows;
    for (const Candidate& candidate : chosen) {
      beam.push_back(extended(beam_[candidate.hypothesis], candidate, remaining));
      if (!beam.back().ended) rows.push_back(beam.back().row);
    }
    if (!rows.empty()) state_ = model_.select(state_, rows);
    beam_ = std::move(beam);
  }

  Hypothesis extended(Hypothesis hypothesis, const Candidate& candidate, Index remaining) {
    if (hypothesis.ended) return hypothesis;
    hypothesis.ended = rules_.is_end(candidate.choice);
    hypothesis.log_probability += candidate.log_probability;
    if (hypothesis.ended) {
      hypothesis.tokens.push_back({"", candidate.log_probability});
      return hypothesis;
    }
    hypothesis.tokens.push_back({rules_.text(hypothesis.position, candidate.choice), candidate.log_probability});
    hypothesis.position = rules_.after(hypothesis.position, candidate.choice);
    hypothesis.last_token = candidate.choice;
    hypothesis.ended = rules_.must_end(hypothesis.position, remaining);
    return hypothesis;
  }

  TextModel& model_;
  const BeamOptions& options_;
  Rules rules_;
  TextState state_;  // of the hypotheses that have not ended, in their order
  std::vector<Hypothesis> beam_;
};

}  // namespace

std::vector<WrittenText> beam_search(TextModel& model, const Vocabulary& vocabulary, const BeamOptions& options,
                                     const Continuation* from) {
  check(options);
  std::vector<WrittenText> texts;
  for (Hypothesis& hypothesis : Search(model, vocabulary, options, from).run()) {
    WrittenText& text = texts.emplace_back();
    for (const WrittenToken& token : hypothesis.tokens) text.text += token.text;
    text.tokens = std::move(hypothesis.tokens);
  }
  return texts;
}

}  // namespace unfold
