// The first example of the lecture "Sequence Models": four letters, one word. After "h" comes "e", after "he" an "l",
// after "hel" another and after "hell" an "o": the second and the third letter differ only in what came before.
#include <gtest/gtest.h>

#include "unfold/unfold.h"

namespace unfold {
namespace {

TEST(Hello, IsLearntByHeart) {
  const Vocabulary vocabulary = Vocabulary::build("hello", Level::kChar);
  ASSERT_EQ(vocabulary.size(), 4);
  const std::vector<std::int32_t> tokens = vocabulary.encode("hello");
  StreamBatches batches(tokens, 1, 4);
  LanguageModelOptions options{.cell = Cell::load("elman"), .rewrites = {}};
  options.hidden = 8;
  LanguageModel model(options, vocabulary.size());
  Adam adam(model.parameters());

  Tape tape;
  for (std::uint64_t step = 0; step < 300; ++step) {
    const TokenBatch word = batches.next();
    ASSERT_TRUE(word.first_window);
    tape.clear();
    tape.backward(model.loss(tape, word, model.state(1), step).nats);
    adam.step(0.03);
  }
  EXPECT_LT(model.evaluate(EvaluationBatches(tokens, 1, 4)), 0.01) << "nats per letter";
  EXPECT_EQ(generate(model, vocabulary, {.prompt = "h", .length = 4, .temperature = 0}), "ello");
}

}  // namespace
}  // namespace unfold
