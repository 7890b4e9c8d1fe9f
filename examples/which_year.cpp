// Which year? "I went to Nepal in 2009", "In 2009 I went to Nepal": the same question whatever the position (seed 002,
// Goodfellow, Bengio & Courville, chapter 10). Weights shared over time answer it where they never saw the year stand.
//   which_year [STEPS]
// In training the year stands at even positions of a twelve-word sentence, in the test at odd ones. A network with
// separate weights for each position has never met a year there.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <random>

#include "unfold/unfold.h"

namespace {

using namespace unfold;

constexpr Index kYears = 50;   // words 0 to 49
constexpr Index kWords = 100;  // words 50 to 99 are all the others
constexpr Index kLength = 12;
constexpr Index kBatch = 64;
constexpr Index kHidden = 64;

struct Sentences {
  std::vector<std::int32_t> words;  // [T, B], tick after tick
  std::vector<std::int32_t> years;  // [B]
};

Sentences draw(std::mt19937_64& random, Index batch, bool even_positions) {
  const auto below = [&random](Index n) { return static_cast<std::int32_t>(random() % static_cast<std::uint64_t>(n)); };
  Sentences sentences;
  for (Index i = 0; i < kLength * batch; ++i) {
    sentences.words.push_back(static_cast<std::int32_t>(kYears) + below(kWords - kYears));
  }
  for (Index b = 0; b < batch; ++b) {
    const Index position = 2 * below(kLength / 2) + (even_positions ? 0 : 1);
    sentences.years.push_back(below(kYears));
    sentences.words[static_cast<std::size_t>(position * batch + b)] = sentences.years.back();
  }
  return sentences;
}

/// Logits [B, years] of a batch of sentences.
class Reader {
 public:
  virtual ~Reader() = default;
  virtual Variable read(Tape& tape, const Sentences& sentences, Mode mode) = 0;
  virtual ParameterList parameters() const = 0;
};

ParameterList both(const ParameterList& one, const ParameterList& other) {
  ParameterList all = one;
  all.insert(all.end(), other.begin(), other.end());
  return all;
}

/// Reads word after word and answers after the last.
class Recurrent : public Reader {
 public:
  Recurrent()
      : stack_(Cell::load("gru"), {.input = kWords, .hidden = {kHidden}, .seed = 1}),
        year_(kHidden, kYears, 1, "year.") {}

  Variable read(Tape& tape, const Sentences& sentences, Mode mode) override {
    const Index batch = static_cast<Index>(sentences.years.size());
    const Unrolling unrolling = Unrolling::equal(kLength, batch);
    std::vector<Index> last(sentences.years.size());
    for (Index b = 0; b < batch; ++b) last[static_cast<std::size_t>(b)] = unrolling.row(b, kLength - 1);
    const OneHotTokens words{sentences.words};
    const Variable h = stack_.forward(tape, words, unrolling, {.batch = batch}, mode).output;
    return year_.forward(tape, select_rows(tape, h, last));
  }
  ParameterList parameters() const override { return both(stack_.parameters(), year_.parameters()); }

 private:
  RecurrentStack stack_;
  Linear year_;
};

/// Sees all positions at once, each with weights of its own.
class Window : public Reader {
 public:
  Window()
      : hidden_(Cell::load("mlp(activation = relu)"), {.input = kLength * kWords, .hidden = {4 * kHidden}, .seed = 1}),
        year_(4 * kHidden, kYears, 1, "year.") {}

  Variable read(Tape& tape, const Sentences& sentences, Mode mode) override {
    const Index batch = static_cast<Index>(sentences.years.size());
    const Variable words = one_hot(tape, sentences.words, kWords);
    const Variable window = first_steps(tape, words, Unrolling::equal(kLength, batch), kLength);
    return year_.forward(tape,
                         hidden_.forward(tape, window, Unrolling::equal(1, batch), {.batch = batch}, mode).output);
  }
  ParameterList parameters() const override { return both(hidden_.parameters(), year_.parameters()); }

 private:
  RecurrentStack hidden_;
  Linear year_;
};

double percent_right(Reader& reader, const Sentences& test) {
  Tape tape(Tape::Recording::kOff);
  const Tensor& logits = tape.value(reader.read(tape, test, Mode::kEvaluation));
  double right = 0;
  for (std::size_t b = 0; b < test.years.size(); ++b) {
    const std::span<const float> row = logits.values().subspan(b * kYears, kYears);
    right += std::max_element(row.begin(), row.end()) - row.begin() == test.years[b] ? 1 : 0;
  }
  return 100 * right / static_cast<double>(test.years.size());
}

void learn(const char* name, Reader& reader, std::uint64_t steps) {
  Adam adam(reader.parameters());
  const Schedule schedule{.kind = Schedule::Kind::kCosine, .peak = 3e-3};
  std::mt19937_64 random(1);
  Tape tape;
  for (std::uint64_t step = 0; step < steps; ++step) {
    const Sentences sentences = draw(random, kBatch, true);
    tape.clear();
    tape.backward(softmax_cross_entropy(tape, reader.read(tape, sentences, Mode::kTraining), sentences.years));
    adam.step(learning_rate(schedule, step, steps), clip_factor(global_norm(reader.parameters()), 1.0));
  }
  std::printf("%s: %5.1f %% right where years stood in training, %5.1f %% where none ever stood\n", name,
              percent_right(reader, draw(random, 2000, true)), percent_right(reader, draw(random, 2000, false)));
}

}  // namespace

int main(int count, char** arguments) {
  try {
    const std::uint64_t steps = count > 1 ? std::strtoull(arguments[1], nullptr, 10) : 2000;
    Recurrent recurrent;
    Window window;
    learn("recurrent network", recurrent, steps);
    learn("fixed window     ", window, steps);
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
}
