// Writing texts: prompts, batches, stop strings, scores, and going on from where a text stopped.
#include "unfold/generate.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "base/expect_error.h"
#include "base/file.h"
#include "base/temporary_folder.h"
#include "models/small_models.h"
#include "unfold/error.h"
#include "unfold/language_text_model.h"
#include "unfold/model_file.h"
#include "unfold/ngram_text_model.h"

namespace unfold {
namespace {

struct Writer {
  Vocabulary vocabulary = Vocabulary::build("abcde\n", Level::kChar);
  LanguageModel network = LanguageModel(small_options(), vocabulary.size());
  LanguageTextModel model = LanguageTextModel(network);

  std::string write(const GenerateOptions& options, Continuation* from = nullptr) {
    return generate(model, vocabulary, options, {}, from).front().text;
  }
};

TEST(Generate, TheSameSeedWritesTheSameText) {
  Writer writer;
  const GenerateOptions options = {.prompt = "ab", .length = 40, .seed = 3};
  const std::string text = writer.write(options);
  EXPECT_EQ(text.size(), 40U);
  EXPECT_EQ(writer.write(options), text);
  EXPECT_NE(writer.write({.prompt = "ab", .length = 40, .seed = 4}), text);
}

TEST(Generate, GreedyTextFollowsTheMostProbableSymbols) {
  Writer writer;
  State state = writer.network.state(1);
  std::vector<std::int32_t> token = writer.vocabulary.encode("a");
  std::string expected;
  for (int i = 0; i < 10; ++i) {
    const Tensor next = writer.network.step(state, token);
    token[0] = static_cast<std::int32_t>(std::max_element(next.data(), next.data() + next.count()) - next.data());
    expected += writer.vocabulary.symbol(token[0]);
  }
  EXPECT_EQ(writer.write({.prompt = "a", .length = 10, .sampling = {.temperature = 0}}), expected);
}

TEST(Generate, PiecesMakeTheText) {
  Writer writer;
  std::string pieces;
  int calls = 0;
  const auto collect = [&](Index, std::string_view piece) {
    pieces += piece;
    ++calls;
  };
  const GenerateOptions options = {.prompt = "a", .length = 20, .seed = 1};
  const std::string text = generate(writer.model, writer.vocabulary, options, collect).front().text;
  EXPECT_EQ(pieces, text);
  EXPECT_EQ(calls, 20);
}

TEST(Generate, ATextBesideOthersIsTheTextAlone) {
  Writer writer;
  // More than are written side by side, and some end early, so that rows move.
  const GenerateOptions options = {.prompt = "ab", .length = 30, .count = 70, .seed = 9, .stop = {"da"}};
  const std::vector<WrittenText> texts = generate(writer.model, writer.vocabulary, options);
  ASSERT_EQ(texts.size(), 70U);
  for (std::size_t n = 0; n < texts.size(); ++n) {
    EXPECT_EQ(texts[n].text, writer.write({.prompt = "ab", .length = 30, .seed = 9 + n, .stop = {"da"}})) << n;
  }
}

TEST(Generate, ATextEndsBeforeTheFirstStopString) {
  Writer writer;
  const std::string whole = writer.write({.prompt = "ab", .length = 200, .seed = 5});
  for (const std::vector<std::string>& stops :
       std::vector<std::vector<std::string>>{{"cd"}, {"e\nb", "da"}, {"bbb", "b"}, {"no such text"}}) {
    std::size_t end = std::string::npos;
    for (const std::string& stop : stops) end = std::min(end, whole.find(stop));
    std::string pieces;
    const auto texts =
        generate(writer.model, writer.vocabulary, {.prompt = "ab", .length = 200, .seed = 5, .stop = stops},
                 [&](Index, std::string_view piece) { pieces += piece; });
    EXPECT_EQ(texts.front().text, whole.substr(0, end)) << stops.front();
    EXPECT_EQ(pieces, whole.substr(0, end)) << "nothing of a stop string is handed on";
  }
  EXPECT_THROW(writer.write({.stop = {""}}), UsageError);
}

TEST(Generate, ScoresAreTheModelsLogProbabilities) {
  Writer writer;
  const WrittenText text =
      generate(writer.model, writer.vocabulary,
               {.prompt = "a", .length = 15, .sampling = {.temperature = 2, .top_k = 3, .min_p = 0.1}, .seed = 4})
          .front();
  State state = writer.network.state(1);
  std::int32_t last = *writer.vocabulary.find("a");
  double sum = 0;
  ASSERT_EQ(text.tokens.size(), 15U);
  for (const WrittenToken& token : text.tokens) {
    const Tensor answer = writer.network.step(state, {&last, 1});
    last = *writer.vocabulary.find(token.text);
    EXPECT_EQ(token.log_probability, answer[last]);
    sum += answer[last];
  }
  EXPECT_DOUBLE_EQ(text.log_probability(), sum);
}

TEST(Generate, WhatTheTextHoldsIsRepeatedLess) {
  // With so heavy a penalty greedy text holds every symbol before one comes twice.
  Writer writer;
  const std::string text =
      writer.write({.prompt = "a", .length = 5, .sampling = {.repetition_penalty = 1e6, .temperature = 0}});
  std::string sorted = "a" + text;
  std::sort(sorted.begin(), sorted.end());
  EXPECT_EQ(sorted, "\nabcde");
}

class Continued : public testing::Test {
 protected:
  GenerateOptions options(Index length) const {
    GenerateOptions result = {.length = length};
    result.sampling = {.repetition_penalty = 1.5, .temperature = 1.2, .top_p = 0.95};
    return result;
  }
  GenerateOptions beginning(Index length) const {
    GenerateOptions result = options(length);
    result.prompt = "ab";
    result.seed = 3;
    return result;
  }
  Writer writer_;
};

TEST_F(Continued, ATextInPartsIsTheTextInOne) {
  const std::string whole = writer_.write(beginning(60));
  Continuation here;
  std::string parts = writer_.write(beginning(20), &here);
  const Continuation fork = here;
  parts += writer_.write(options(0), &here);
  parts += writer_.write(options(15), &here);
  parts += writer_.write(options(25), &here);
  EXPECT_EQ(parts, whole);

  Continuation again = fork;
  EXPECT_EQ(writer_.write(options(40), &again), whole.substr(20));
  // Several texts fork it, the first goes on with its draws.
  again = fork;
  GenerateOptions several = options(40);
  several.count = 3;
  const auto texts = generate(writer_.model, writer_.vocabulary, several, {}, &again);
  EXPECT_EQ(texts[0].text, whole.substr(20));
  EXPECT_NE(texts[1].text, texts[0].text);
  EXPECT_EQ(again.draws, fork.draws) << "and leave it where it was";
}

TEST_F(Continued, AFileIsAsGoodAsTheMemory) {
  const TemporaryFolder folder;
  const std::filesystem::path file = folder.path() / "here.safetensors";
  const std::string whole = writer_.write(beginning(60));
  Continuation here;
  const std::string begun = writer_.write(beginning(20), &here);
  save_continuation(file, writer_.model, here);
  Continuation loaded = load_continuation(file, writer_.model);
  EXPECT_EQ(begun + writer_.write(options(40), &loaded), whole);

  // A text that nobody has begun.
  save_continuation(file, writer_.model, Continuation{});
  loaded = load_continuation(file, writer_.model);
  EXPECT_EQ(writer_.write(beginning(60), &loaded), whole);
}

TEST_F(Continued, AFileOfAnotherModelIsRefused) {
  const TemporaryFolder folder;
  const std::filesystem::path file = folder.path() / "here.safetensors";
  Continuation here;
  writer_.write(beginning(5), &here);
  save_continuation(file, writer_.model, here);
  writer_.network.parameters().front()->edit()[0] += 1;
  expect_error<InputError>([&] { load_continuation(file, writer_.model); }, {"here.safetensors", "another model"});

  save_model(file, writer_.network, writer_.vocabulary);
  expect_error<InputError>([&] { load_continuation(file, writer_.model); },
                           {"here.safetensors", "expected an unfold text state", "unfold language model"});
  write_atomically(file, "no state");
  EXPECT_THROW(load_continuation(file, writer_.model), InputError);
}

TEST(Generate, WithoutAPromptATextBeginsAfterALineEnd) {
  Writer writer;
  EXPECT_EQ(writer.write({.prompt = "", .length = 10, .sampling = {.temperature = 0}}),
            writer.write({.prompt = "\n", .length = 10, .sampling = {.temperature = 0}}));
}

TEST(Generate, WordsAreSetWithSpaces) {
  const Vocabulary vocabulary = Vocabulary::build("the cat sat , the end .", Level::kWord);
  LanguageTextModel model(LanguageModel(small_options(), vocabulary.size()));
  const std::string text = generate(model, vocabulary, {.prompt = "the cat", .length = 15, .seed = 2}).front().text;
  const std::vector<std::int32_t> tokens = vocabulary.encode("the cat" + text);
  EXPECT_EQ(tokens.size(), 17U);
  EXPECT_EQ(vocabulary.decode(tokens), "the cat" + text);
}

TEST(Generate, AnNGramModelWritesAndGoesOn) {
  std::string text = "\n";
  for (int i = 0; i < 50; ++i) text += "abcde\n";
  const Vocabulary vocabulary = Vocabulary::build(text, Level::kChar);
  NGramTextModel model(NGram::train(vocabulary.encode(text), vocabulary.size(), {.order = 3}));
  GenerateOptions options = {.prompt = "ab", .length = 7, .sampling = {.temperature = 0}};
  EXPECT_EQ(generate(model, vocabulary, options).front().text, "cde\nabc");
  EXPECT_EQ(beam_search(model, vocabulary, {.prompt = "ab", .length = 3, .width = 4}).front().text, "cde");

  options.sampling.temperature = 3;
  const std::string whole = generate(model, vocabulary, options).front().text;
  const TemporaryFolder folder;
  Continuation here;
  options.length = 3;
  const std::string begun = generate(model, vocabulary, options, {}, &here).front().text;
  save_continuation(folder.path() / "here", model, here);
  Continuation loaded = load_continuation(folder.path() / "here", model);
  const GenerateOptions more = {.length = 4, .sampling = {.temperature = 3}};
  EXPECT_EQ(begun + generate(model, vocabulary, more, {}, &loaded).front().text, whole);
}

TEST(Generate, AModelOfLinesBeginsAndEndsThem) {
  const Vocabulary vocabulary =
      Vocabulary::build("abccab", Level::kChar, {.division = {.kind = Division::Kind::kLines}});
  LanguageTextModel model(LanguageModel(small_options(), vocabulary.size()));
  const std::int32_t boundary = *vocabulary.boundary();
  const auto texts = generate(model, vocabulary, {.length = 30, .count = 20, .seed = 1});
  bool some_end = false;
  for (const WrittenText& text : texts) {
    TextState state = model.begin(1);
    std::int32_t last = boundary;
    for (const WrittenToken& token : text.tokens) {
      const std::int32_t written = token.text.empty() ? boundary : *vocabulary.find(token.text);
      EXPECT_EQ(token.log_probability, model.step(state, {&last, 1})[written]);
      last = written;
    }
    EXPECT_EQ(text.text.find('\n'), std::string::npos);
    EXPECT_EQ(text.tokens.size() < 30, last == boundary);
    some_end = some_end || last == boundary;
  }
  EXPECT_TRUE(some_end);

  // After its end the next line begins afresh.
  Continuation here;
  GenerateOptions options = {.prompt = "ab", .length = 1000, .seed = 3};
  generate(model, vocabulary, options, {}, &here);
  const std::string next = generate(model, vocabulary, {.length = 30}, {}, &here).front().text;
  Continuation fresh;
  fresh.seed = 3;
  Continuation again;
  generate(model, vocabulary, options, {}, &again);
  fresh.draws = again.draws;
  EXPECT_EQ(generate(model, vocabulary, {.length = 30}, {}, &fresh).front().text, next);
}

TEST(Generate, AnUnknownSymbolOfThePromptIsNamed) {
  Writer writer;
  expect_error<InputError>([&] { writer.write({.prompt = "abx", .length = 1}); }, {"prompt:1:3", "x"});
  EXPECT_THROW(writer.write({.prompt = "a", .length = -1}), UsageError);
}

}  // namespace
}  // namespace unfold
