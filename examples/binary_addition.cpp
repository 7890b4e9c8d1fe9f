// Three hidden units learn to add binary numbers of any length; a fixed window does not (Hinton's lecture, seed 001).
//   binary_addition [STEPS]
// Two bits come in at each step, the lowest first, and one goes out. Training sees numbers of up to ten bits, the test
// numbers of a thousand. Three units are few: some restarts stay in a poor minimum, so ten are made and all are shown.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <random>

#include "unfold/unfold.h"

namespace {

using namespace unfold;

constexpr Index kRestarts = 10;
constexpr Index kBatch = 64;
constexpr Index kTrainedBits = 10;
constexpr Index kWindow = 20;  // of the fixed window: it has inputs for numbers twice as long as it is shown

struct Sums {
  Unrolling unrolling;
  Tensor bits;  // [N, 2]
  Tensor sums;  // [N, 1]
};

/// Pairs of numbers of `lengths` random bits and their sums, with one step more for the last carry.
Sums draw(std::mt19937_64& random, std::vector<Index> lengths) {
  for (Index& length : lengths) ++length;
  Sums batch{Unrolling::ragged(lengths), {}, {}};
  batch.bits = Tensor({batch.unrolling.rows(), 2});
  batch.sums = Tensor({batch.unrolling.rows(), 1});
  for (Index pair = 0; pair < batch.unrolling.batch(); ++pair) {
    bool carry = false;
    for (Index tick = 0; tick < lengths[static_cast<std::size_t>(pair)]; ++tick) {
      const bool last = tick + 1 == lengths[static_cast<std::size_t>(pair)];
      const bool a = !last && random() % 2 == 1;
      const bool b = !last && random() % 2 == 1;
      const Index row = batch.unrolling.row(pair, tick);
      batch.bits[2 * row] = a ? 1 : 0;
      batch.bits[2 * row + 1] = b ? 1 : 0;
      batch.sums[row] = (a ^ b ^ carry) ? 1 : 0;
      carry = a + b + carry > 1;
    }
  }
  return batch;
}

/// Lengths from 1 to ten bits, all alike often.
std::vector<Index> short_lengths() {
  std::vector<Index> lengths;
  for (Index pair = 0; pair < kBatch; ++pair) lengths.push_back(1 + pair % kTrainedBits);
  return lengths;
}

Index wrong_bits(const Tensor& logits, const Tensor& sums) {
  Index wrong = 0;
  for (Index i = 0; i < sums.count(); ++i) wrong += (logits[i] > 0) != (sums[i] > 0) ? 1 : 0;
  return wrong;
}

/// A stack of `cell` and a linear map from its units to what is read off them.
struct Network {
  Network(const Cell& cell, Index inputs, Index hidden, Index outputs, std::uint64_t seed)
      : stack(cell, {.input = inputs, .hidden = {hidden}, .seed = seed}), readout(hidden, outputs, seed, "readout.") {}

  Variable forward(Tape& tape, const Tensor& x, const Unrolling& unrolling, Mode mode) {
    const State beginning{.batch = unrolling.batch()};
    return readout.forward(tape, stack.forward(tape, tape.constant(x), unrolling, beginning, mode).output);
  }
  Tensor predict(const Tensor& x, const Unrolling& unrolling) {
    Tape tape(Tape::Recording::kOff);
    return tape.value(forward(tape, x, unrolling, Mode::kEvaluation));
  }
  ParameterList parameters() const {
    ParameterList all = stack.parameters();
    all.insert(all.end(), readout.parameters().begin(), readout.parameters().end());
    return all;
  }

  RecurrentStack stack;
  Linear readout;
};

void learn(Network& network, std::uint64_t steps, const std::function<Sums()>& next) {
  Adam adam(network.parameters());
  const Schedule schedule{.kind = Schedule::Kind::kCosine, .peak = 0.03};
  Tape tape;
  for (std::uint64_t step = 0; step < steps; ++step) {
    const Sums batch = next();
    tape.clear();
    const Variable logits = network.forward(tape, batch.bits, batch.unrolling, Mode::kTraining);
    tape.backward(bernoulli_cross_entropy(tape, logits, batch.sums));
    adam.step(learning_rate(schedule, step, steps), clip_factor(global_norm(network.parameters()), 1.0));
  }
}

bool recurrent_network_adds(std::uint64_t seed, std::uint64_t steps) {
  Network network(Cell::load("elman"), 2, 3, 1, seed);
  std::mt19937_64 random(seed);
  learn(network, steps, [&] { return draw(random, short_lengths()); });
  const Sums known = draw(random, short_lengths());
  const Sums longer = draw(random, std::vector<Index>(100, 1000));
  const Index wrong = wrong_bits(network.predict(longer.bits, longer.unrolling), longer.sums);
  std::printf("restart %2u: up to 10 bits %3td of %td bits wrong, 1000 bits %6td of %td wrong%s\n",
              static_cast<unsigned>(seed), wrong_bits(network.predict(known.bits, known.unrolling), known.sums),
              known.sums.count(), wrong, longer.sums.count(), wrong == 0 ? "  exact" : "");
  return wrong == 0;
}

/// Pairs of equally long numbers laid side by side, as a network without a state must see them: one step each, 2 W
/// inputs, W + 1 outputs.
Sums laid_out(std::mt19937_64& random, Index bits) {
  const Sums sums = draw(random, std::vector<Index>(kBatch, bits));
  Sums flat{Unrolling::equal(1, kBatch), Tensor({kBatch, 2 * kWindow}), Tensor({kBatch, kWindow + 1})};
  for (Index pair = 0; pair < kBatch; ++pair) {
    for (Index tick = 0; tick <= bits; ++tick) {
      const Index row = sums.unrolling.row(pair, tick);
      if (tick < bits) std::copy_n(&sums.bits[2 * row], 2, &flat.bits[2 * (pair * kWindow + tick)]);
      flat.sums[pair * (kWindow + 1) + tick] = sums.sums[row];
    }
  }
  return flat;
}

void fixed_window_fails(std::uint64_t steps) {
  // A cell without a state is a network with one hidden layer.
  const Cell cell = Cell::parse("cell mlp\ninput x\nh[hidden] = tanh(W x + b)\noutput h\n", "mlp");
  Network network(cell, 2 * kWindow, 256, kWindow + 1, 1);
  std::mt19937_64 random(1);
  learn(network, steps, [&] { return laid_out(random, kTrainedBits); });
  const Sums known = laid_out(random, kTrainedBits);
  std::printf("a window of %td bits: up to 10 bits %td of %td bits wrong", kWindow,
              wrong_bits(network.predict(known.bits, known.unrolling), known.sums), kBatch * (kTrainedBits + 1));
  const Sums wide = laid_out(random, kWindow);
  const Tensor logits = network.predict(wide.bits, wide.unrolling);
  Index wrong = 0;  // of those past the width that it was trained on
  for (Index i = 0; i < logits.count(); ++i) {
    wrong += i % (kWindow + 1) > kTrainedBits && (logits[i] > 0) != (wide.sums[i] > 0) ? 1 : 0;
  }
  std::printf(", bits past them %td of %td wrong\n", wrong, kBatch * (kWindow - kTrainedBits));
}

}  // namespace

int main(int count, char** arguments) {
  try {
    const std::uint64_t steps = count > 1 ? std::strtoull(arguments[1], nullptr, 10) : 3000;
    Index exact = 0;
    for (Index seed = 1; seed <= kRestarts; ++seed) {
      exact += recurrent_network_adds(static_cast<std::uint64_t>(seed), steps) ? 1 : 0;
    }
    std::printf("%td of %td restarts add 1000-bit numbers exactly\n", exact, kRestarts);
    fixed_window_fails(steps);
    return exact > 0 ? 0 : 1;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
}
