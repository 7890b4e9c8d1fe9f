// The adding problem (Hochreiter & Schmidhuber 1997; Le, Jaitly & Hinton 2015): a test of memory over many steps.
//   adding_problem CELL [LENGTH] [STEPS] [LEARNING_RATE]
// Each step shows a random number in [0, 1) and a mark; two steps are marked, one in each half. After the last step the
// sum of the two marked numbers is asked for. Always answering 1 has a mean squared error of 1/6 = 0.1667.
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <random>

#include "unfold/unfold.h"

namespace {

using namespace unfold;

constexpr Index kHidden = 100;
constexpr Index kBatch = 64;
constexpr std::uint64_t kReports = 10;

struct Problem {
  Unrolling unrolling;
  Tensor numbers;           // [N, 2]: number, mark
  Tensor sums;              // [B, 1]
  std::vector<Index> last;  // row of each sequence's last step
};

Problem draw(std::mt19937_64& random, Index length, Index batch) {
  Problem problem{Unrolling::equal(length, batch), Tensor({length * batch, 2}), Tensor({batch, 1}), {}};
  for (Index i = 0; i < length * batch; ++i) problem.numbers[2 * i] = static_cast<float>(random() >> 40) * 0x1p-24F;
  const Index half = length / 2;
  for (Index b = 0; b < batch; ++b) {
    const Index first = static_cast<Index>(random() % static_cast<std::uint64_t>(half));
    const Index second = half + static_cast<Index>(random() % static_cast<std::uint64_t>(length - half));
    for (const Index tick : {first, second}) {
      const Index row = problem.unrolling.row(b, tick);
      problem.numbers[2 * row + 1] = 1;
      problem.sums[b] += problem.numbers[2 * row];
    }
    problem.last.push_back(problem.unrolling.row(b, length - 1));
  }
  return problem;
}

class Adder {
 public:
  explicit Adder(const char* cell)
      : stack_(Cell::load(cell), {.input = 2, .hidden = {kHidden}, .seed = 1}), sum_(kHidden, 1, 1, "sum.") {}

  Variable loss(Tape& tape, const Problem& problem, Mode mode) {
    const State beginning{.batch = problem.unrolling.batch()};
    const Variable h = stack_.forward(tape, tape.constant(problem.numbers), problem.unrolling, beginning, mode).output;
    return squared_error(tape, sum_.forward(tape, select_rows(tape, h, problem.last)), problem.sums);
  }
  ParameterList parameters() const {
    ParameterList all = stack_.parameters();
    all.insert(all.end(), sum_.parameters().begin(), sum_.parameters().end());
    return all;
  }

 private:
  RecurrentStack stack_;
  Linear sum_;
};

void learn(const char* cell, Index length, std::uint64_t steps, double rate) {
  Adder adder(cell);
  Adam adam(adder.parameters());
  const Schedule schedule{.kind = Schedule::Kind::kCosine, .peak = rate};
  std::mt19937_64 random(1);
  const Problem test = draw(random, length, 1000);
  Tape tape;
  for (std::uint64_t step = 1; step <= steps; ++step) {
    tape.clear();
    tape.backward(adder.loss(tape, draw(random, length, kBatch), Mode::kTraining));
    adam.step(learning_rate(schedule, step - 1, steps), clip_factor(global_norm(adder.parameters()), 1.0));
    if (step % (steps / kReports) == 0) {
      Tape reading(Tape::Recording::kOff);
      std::printf("%s, T = %td: training step %5u, mean squared error %.5f\n", cell, length,
                  static_cast<unsigned>(step), reading.value(adder.loss(reading, test, Mode::kEvaluation))[0]);
      std::fflush(stdout);
    }
  }
}

}  // namespace

int main(int count, char** arguments) {
  try {
    if (count < 2) throw UsageError("usage: adding_problem CELL [LENGTH] [STEPS] [LEARNING_RATE]");
    learn(arguments[1], count > 2 ? std::atoi(arguments[2]) : 150,
          count > 3 ? std::strtoull(arguments[3], nullptr, 10) : 3000, count > 4 ? std::atof(arguments[4]) : 1e-3);
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
}
