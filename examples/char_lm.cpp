// Learns to write like a text, character by character: the whole flow from text to text.
//   char_lm FILE [STEPS]
#include <cstdio>
#include <cstdlib>
#include <exception>

#include "unfold/unfold.h"

namespace {

using namespace unfold;

void learn_to_write(const char* file, std::uint64_t steps) {
  const Text text = read_text(file, Level::kChar);
  const Vocabulary vocabulary = Vocabulary::build(text);
  const std::vector<std::int32_t> tokens = vocabulary.encode(text);
  const Split split = split_tail(tokens, 0.1);
  StreamBatches batches(split.train, /*batch=*/32, /*steps=*/64);

  LanguageModelOptions options{.cell = Cell::load("lstm")};  // or a file of your own equations
  options.hidden = {128};
  LanguageModel model(options, vocabulary.size());
  Adam adam(model.parameters());
  const Schedule schedule{.kind = Schedule::Kind::kCosine, .peak = 5e-3, .warmup = 20};

  Tape tape;
  State state;
  for (std::uint64_t step = 0; step < steps; ++step) {
    const TokenBatch batch = batches.next();
    tape.clear();
    LanguageModel::Loss loss = model.loss(tape, batch, state, step);
    tape.backward(loss.objective);
    adam.step(learning_rate(schedule, step, steps), clip_factor(global_norm(model.parameters()), 1.0));
    state = std::move(loss.state);  // a value without gradient: truncated backpropagation through time
    if (step % 50 == 0) std::printf("step %3u: %.3f nats\n", static_cast<unsigned>(step), loss.nats);
  }
  std::printf("validation: %.3f nats\n", model.evaluate(EvaluationBatches(split.valid, 32, 64)));
  save_model("char_lm.safetensors", model, vocabulary);

  LanguageTextModel writer(model);
  const GenerateOptions writing{.length = 400, .sampling = {.temperature = 0.7}, .seed = 1};
  std::printf("%s\n", generate(writer, vocabulary, writing).front().text.c_str());
}

}  // namespace

int main(int count, char** arguments) {
  try {
    if (count < 2) throw UsageError("usage: char_lm FILE [STEPS]");
    learn_to_write(arguments[1], count > 2 ? std::strtoull(arguments[2], nullptr, 10) : 500);
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
}
