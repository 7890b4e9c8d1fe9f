// The loop that writes texts side by side.
#include "unfold/generate.h"

#include <fmt/core.h>

#include <algorithm>
#include <limits>

#include "base/random.h"
#include "generate/rules.h"
#include "generate/start.h"
#include "generate/text_writer.h"
#include "unfold/error.h"

namespace unfold {

namespace {

constexpr std::uint64_t kTextKey = 2;  // of the draws; see kFirstTokenKey

/// Rows of a batch, at most: more cost memory and gain no speed.
constexpr Index kTogether = 64;

/// A text that is being written.
struct Draft {
  std::uint64_t seed;
  Random random;
  std::int32_t last_token;  // not yet read by the model
  Rules::Position position;
  std::vector<std::uint8_t> holds;
  TextWriter writer;
  std::vector<WrittenToken> tokens = {};
  bool ended = false;
  bool chose_end = false;  // ended, that is, neither by a stop string nor for lack of anything that may follow
};

void check(const GenerateOptions& options) {
  if (options.length < 0) throw UsageError(fmt::format("the length must be 0 or more, not {}", options.length));
  if (options.count < 0) throw UsageError(fmt::format("the count must be 0 or more, not {}", options.count));
  if (!options.match.empty() && !options.stop.empty()) {
    throw UsageError("a text that must match an expression cannot end at a stop string");
  }
  options.sampling.check();
}

class Writing {
 public:
  Writing(TextModel& model, const Vocabulary& vocabulary, const GenerateOptions& options, const PieceCallback& callback,
          Continuation* from)
      : model_(model),
        options_(options),
        callback_(callback),
        from_(from),
        whole_characters_(vocabulary.level() != Level::kByte),
        rules_(vocabulary, options.match),
        start_(read_prompt(model, vocabulary, options.prompt, from)) {}

  std::vector<WrittenText> all() {
    std::vector<WrittenText> texts;
    for (Index first = 0; first < options_.count; first += kTogether) {
      for (Draft& draft : together(first, std::min(kTogether, options_.count - first))) {
        texts.push_back({draft.writer.text(), std::move(draft.tokens)});
      }
    }
    return texts;
  }

 private:
  Draft draft(Index number) {
    const bool goes_on = from_ != nullptr && !options_.seed;
    const std::uint64_t seed = (goes_on ? from_->seed : options_.seed.value_or(0)) + static_cast<std::uint64_t>(number);
    const std::int32_t before = token_before(start_, seed);
    TextWriter::Write write;
    if (callback_) write = [this, number](std::string_view piece) { callback_(number, piece); };
    return {.seed = seed,
            .random = Random(combine(seed, kTextKey), goes_on ? from_->draws : 0),
            .last_token = before,
            .position = rules_.begin(before, options_.length),
            .holds = start_.holds,
            .writer = TextWriter(options_.stop, whole_characters_, write)};
  }

  /// The state to go on from after a chosen end: a boundary begins afresh, any other end left the last token unread.
  TextState after_end(const TextState& before_step) const { return rules_.end_token() ? model_.begin(1) : before_step; }

  bool leaves_continuation() const { return from_ != nullptr && options_.count == 1; }

  void leave(const Draft& draft, TextState state) {
    *from_ = {.state = std::move(state), .last_token = draft.last_token, .seed = draft.seed};
    from_->draws = draft.random.counter();
    for (std::size_t token = 0; token < draft.holds.size(); ++token) {
      if (draft.holds[token] != 0) from_->symbols.push_back(static_cast<std::int32_t>(token));
    }
  }

  std::vector<Draft> together(Index first, Index count) {
    std::vector<Draft> drafts;
    for (Index number = first; number < first + count; ++number) drafts.push_back(draft(number));
    std::vector<Draft*> live;
    for (Draft& each : drafts) {
      if (!rules_.must_end(each.position, options_.length)) live.push_back(&each);
    }
    TextState state = live.empty() ? start_.state : model_.select(start_.state, std::vector<Index>(live.size(), 0));
    TextState before_step;  // of a single text, where its end may leave the last token unread
    std::vector<std::int32_t> tokens;
    for (Index remaining = options_.length; !live.empty(); --remaining) {
      if (leaves_continuation() && rules_.may_end_without_token()) before_step = state;
      tokens.clear();
      for (const Draft* each : live) tokens.push_back(each->last_token);
      const Tensor next = model_.step(state, tokens);
      for (std::size_t row = 0; row < live.size(); ++row) {
        const std::size_t symbols = static_cast<std::size_t>(model_.symbols());
        write_token(*live[row], next.values().subspan(row * symbols, symbols), remaining);
      }
      drop_ended(live, state);
    }
    for (Draft& each : drafts) each.writer.finish();
    if (leaves_continuation()) leave(drafts.front(), drafts.front().chose_end ? after_end(before_step) : state);
    return drafts;
  }

  void write_token(Draft& draft, std::span<const float> log_probabilities, Index remaining) {
    const std::vector<float> choices = rules_.choices(log_probabilities, draft.position, remaining);
    const std::int32_t chosen =
        unfold::draw(sampling_distribution(choices, options_.sampling, draft.holds), draft.random.uniform_double());
    const double log_probability = choices[static_cast<std::size_t>(chosen)];
    draft.ended = rules_.is_end(chosen);
    if (draft.ended) {
      draft.tokens.push_back({"", log_probability});
      draft.chose_end = true;
      draft.last_token = rules_.end_token().value_or(draft.last_token);
      return;
    }
    draft.tokens.push_back({rules_.text(draft.position, chosen), log_probability});
    draft.last_token = chosen;
    draft.position = rules_.after(draft.position, chosen);
    draft.holds[static_cast<std::size_t>(chosen)] = 1;
    const bool stopped = !draft.writer.add(draft.tokens.back().text);
    draft.ended = stopped || rules_.must_end(draft.position, remaining - 1);
  }

  void drop_ended(std::vector<Draft*>& live, TextState& state) {
    std::vector<Index> rows;
    for (std::size_t row = 0; row < live.size(); ++row) {
      if (!live[row]->ended) rows.push_back(static_cast<Index>(row));
    }
    if (rows.size() == live.size()) return;
    if (!rows.empty()) state = model_.select(state, rows);
    std::erase_if(live, [](const Draft* draft) { return draft->ended; });
  }

  TextModel& model_;
  const GenerateOptions& options_;
  const PieceCallback& callback_;
  Continuation* from_;
  bool whole_characters_;
  Rules rules_;
  Start start_;
};

}  // namespace

double WrittenText::log_probability() const {
  double sum = 0;
  for (const WrittenToken& token : tokens) sum += token.log_probability;
  return sum;
}

std::vector<WrittenText> generate(TextModel& model, const Vocabulary& vocabulary, const GenerateOptions& options,
                                  const PieceCallback& callback, Continuation* from) {
  check(options);
  return Writing(model, vocabulary, options, callback, from).all();
}

}  // namespace unfold
