// Nothing anywhere recognises a particular cell: the equations of an LSTM under other names give the same bits.
#include <gtest/gtest.h>

#include <cmath>

#include "unfold/unfold.h"

namespace unfold {
namespace {

constexpr const char* kOwnCell = R"(
cell mine
input  signal
state  public, private
write   = σ(W_1 signal + U_1 public + b_1)
keep    = σ(W_2 signal + U_2 public + b_2)
show    = σ(W_3 signal + U_3 public + b_3)
content = tanh(W_4 signal + U_4 public + b_4)
private' = keep ⊙ private + write ⊙ content
public'  = show ⊙ tanh(private')
output public'
init b_2 = 1
)";

/// All parameters in the order of declaration, after a few steps of training with dropout.
std::vector<std::vector<float>> trained(const Cell& cell) {
  std::string text;
  for (int i = 0; i < 400; ++i) text += "abcdefg hij\n"[(i * i + i / 7) % 12];
  const Vocabulary vocabulary = Vocabulary::build(text, Level::kChar);
  const std::vector<std::int32_t> tokens = vocabulary.encode(text);
  LanguageModelOptions options{.cell = cell};
  options.hidden = 17;
  options.layers = 2;
  options.rewrites = {{Rewrite::Kind::kVariationalDropout, "", 0.2}};
  LanguageModel model(options, vocabulary.size());
  Adam adam(model.parameters());
  StreamBatches batches(tokens, 5, 9);
  State state;
  for (std::uint64_t step = 0; step < 12; ++step) {
    const TokenBatch batch = batches.next();
    if (batch.first_window) state = model.state(batches.batch());
    Tape tape;
    auto [nats, next] = model.loss(tape, batch, state, step);
    tape.backward(nats);
    adam.step(0.01, clip_factor(global_norm(model.parameters()), 1.0));
    state = std::move(next);
  }
  std::vector<std::vector<float>> values;
  for (const Parameter* parameter : model.parameters()) {
    values.emplace_back(parameter->value().values().begin(), parameter->value().values().end());
  }
  return values;
}

TEST(OwnEquations, GiveTheBitsOfTheShippedCell) {
  const auto shipped = trained(Cell::load("lstm"));
  const auto own = trained(Cell::parse(kOwnCell, "mine.cell"));
  EXPECT_EQ(shipped, own);
  for (const auto& values : shipped) {
    for (const float value : values) ASSERT_TRUE(std::isfinite(value));
  }
}

}  // namespace
}  // namespace unfold
