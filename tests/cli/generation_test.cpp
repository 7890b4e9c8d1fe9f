// Writing, scoring and telling models apart, by command.
#include <cmath>
#include <nlohmann/json.hpp>
#include <regex>
#include <sstream>

#include "cli/run_test.h"

namespace unfold {
namespace {

using nlohmann::json;
using testing::HasSubstr;

class Generation : public RunTest {
 protected:
  void SetUp() override {
    RunTest::SetUp();
    done(training("run", 60));
  }

  json object(std::vector<std::string> words) const {
    words.emplace_back("--json");
    return json::parse(done(words).out);
  }
  std::vector<std::string> generate(const std::vector<std::string>& more) const {
    std::vector<std::string> words = {"generate", path("run")};
    words.insert(words.end(), more.begin(), more.end());
    return words;
  }
  static std::vector<std::string> lines(const std::string& text) {
    std::vector<std::string> result;
    std::istringstream stream(text);
    for (std::string line; std::getline(stream, line);) result.push_back(line);
    return result;
  }
  void expect_usage(const std::vector<std::string>& words, const std::string& part) const {
    const Ended ended = run(words);
    EXPECT_EQ(ended.code, 2) << ended.err;
    EXPECT_THAT(ended.err, HasSubstr(part));
    EXPECT_EQ(ended.out, "");
  }
};

TEST_F(Generation, TextsTogetherAreThoseOneByOne) {
  const json three = object(generate({"--prompt", "the ", "--length", "30", "--count", "3", "--seed", "5"}));
  for (std::size_t n = 0; n < 3; ++n) {
    const std::string seed = std::to_string(5 + n);
    const Ended alone = done(generate({"--prompt", "the ", "--length", "30", "--seed", seed}));
    EXPECT_EQ(alone.out, three["texts"][n].get<std::string>() + "\n");
  }
}

TEST_F(Generation, APromptMayBeAFile) {
  write_atomically(path("prompt.txt"), "the cat");
  EXPECT_EQ(done(generate({"--prompt-file", path("prompt.txt"), "--length", "20"})).out,
            done(generate({"--prompt", "the cat", "--length", "20"})).out);
}

TEST_F(Generation, ScoresAreATableBelowTheText) {
  const Ended ended = done(generate({"--length", "3", "--scores", "--match", "[a-z]{2}\\n"}));
  const std::vector<std::string> printed = lines(ended.out);
  ASSERT_EQ(printed.size(), 7U) << "the text, which ends with a line end of its own, the heading, 3 tokens, the sum";
  EXPECT_THAT(printed[2], HasSubstr("log p  token"));
  EXPECT_THAT(printed[5], HasSubstr("\"\\n\""));
  const json scored = object(generate({"--length", "3", "--scores", "--match", "[a-z]{2}\\n"}));
  double sum = 0;
  for (const json& token : scored["tokens"][0]) sum += token["log_probability"].get<double>();
  EXPECT_NEAR(scored["log_probabilities"][0].get<double>(), sum, 1e-9);
}

TEST_F(Generation, TextsMatchAndStop) {
  const json texts = object(generate({"--match", "(the|a) [a-m]+( [a-z]{3}){2}\\.", "--count", "20"}));
  for (const json& text : texts["texts"]) {
    EXPECT_TRUE(std::regex_match(text.get<std::string>(), std::regex("(the|a) [a-m]+( [a-z]{3}){2}\\."))) << text;
  }
  const json stopped = object(generate({"--count", "5", "--stop", "e", "--stop", "a"}));
  for (const json& text : stopped["texts"]) {
    EXPECT_EQ(text.get<std::string>().find_first_of("ea"), std::string::npos) << text;
  }
}

TEST_F(Generation, TheBeamsBestIsAtLeastAsProbableAsGreedy) {
  const json best = object(generate({"--prompt", "the", "--length", "10", "--beam", "20", "--count", "3"}));
  const json greedy = object(generate({"--prompt", "the", "--length", "10", "--temperature", "0"}));
  const std::vector<double> scores = best["log_probabilities"];
  ASSERT_EQ(scores.size(), 3U);
  EXPECT_GE(scores[0], scores[1]);
  EXPECT_GE(scores[1], scores[2]);
  EXPECT_GE(scores[0], greedy["log_probabilities"][0].get<double>() - 1e-4);
}

TEST_F(Generation, AStateInAFileGoesOnBitForBit) {
  const std::string whole = done(generate({"--prompt", "the ", "--length", "40", "--seed", "2"})).out;
  std::string parts =
      done(generate({"--prompt", "the ", "--length", "15", "--seed", "2", "--save-state", path("here")})).out;
  parts.pop_back();  // the line's end
  EXPECT_EQ(parts + done(generate({"--state", path("here"), "--length", "25"})).out, whole);
  EXPECT_NE(parts + done(generate({"--state", path("here"), "--length", "25", "--seed", "9"})).out, whole) << "a fork";

  done(training("other", 2));
  const Ended foreign = run({"generate", path("other"), "--state", path("here")});
  EXPECT_EQ(foreign.code, 1);
  EXPECT_THAT(foreign.err, HasSubstr("another model"));
}

TEST_F(Generation, WrongUsageWritesNothing) {
  expect_usage(generate({"--prompt", "the", "--match", "(the"}), "never closed");
  expect_usage(generate({"--prompt", "the", "--match", "[a-z]{9}", "--length", "5"}), "has 9 tokens");
  expect_usage(generate({"--match", "a", "--stop", "b"}), "--stop");
  expect_usage(generate({"--beam", "4", "--temperature", "2"}), "--temperature");
  expect_usage(generate({"--beam", "4", "--count", "5"}), "at most 4");
  expect_usage(generate({"--top-p", "1.5"}), "top-p");
  expect_usage(generate({"--count", "2", "--save-state", path("here")}), "--save-state");
  EXPECT_FALSE(std::filesystem::exists(path("here")));
}

TEST_F(Generation, MeasuresAgreeWithEachOther) {
  write_atomically(path("other.txt"), "the cat eats.\na tree hears my aunt.\n");
  const json text = object({"evaluate", path("run"), "--data", path("other.txt"), "--batch", "1"});
  const double nats = text["nats"];
  EXPECT_NEAR(text["bits_per_token"].get<double>(), nats / std::log(2.0), 1e-6);
  EXPECT_NEAR(text["perplexity"].get<double>(), std::exp(nats), 1e-6);
  // One byte a character, one character a token.
  EXPECT_NEAR(text["bits_per_char"].get<double>(), nats / std::log(2.0), 1e-6);
  EXPECT_NEAR(text["bits_per_byte"].get<double>(), nats / std::log(2.0), 1e-6);
  // A line of its own is what the text is, read after a line end.
  write_atomically(path("line.txt"), "\nthe cat eats.");
  const json line = object({"evaluate", path("run"), "--data", path("line.txt"), "--batch", "1"});
  write_atomically(path("line.txt"), "the cat eats.\n");
  const json scored = object({"evaluate", path("run"), "--data", path("line.txt"), "--per-line"});
  EXPECT_EQ(scored["tokens"], line["tokens"]);
  EXPECT_NEAR(scored["log_probability"].get<double>(), -line["nats"].get<double>() * line["tokens"].get<double>(),
              1e-4);
}

TEST_F(Generation, WordsHaveTheirOwnBitsPerByte) {
  write_atomically(path("words.txt"), "the caf\u00e9 is new .\n" + sentences());
  done({"train", "lm", "--data", path("words.txt"), "--out", path("words"), "--level", "word", "--hidden", "8",
        "--steps", "5", "--batch", "4", "--unroll", "8", "--quiet"});
  const json text = object({"evaluate", path("words"), "--data", path("words.txt"), "--batch", "1"});
  const double bits = text["nats"].get<double>() / std::log(2.0) * text["tokens"].get<double>();
  const auto bytes = static_cast<double>(read_file(path("words.txt")).size() - 3);  // but the first word
  EXPECT_NEAR(text["bits_per_byte"].get<double>(), bits / bytes, 1e-6);
  EXPECT_NEAR(text["bits_per_char"].get<double>(), bits / (bytes - 1), 1e-6) << "\u00e9 is two bytes";
}

TEST_F(Generation, EveryLineIsScored) {
  write_atomically(path("lines.txt"), "the cat eats a song.\n\nzzz\nthe king");
  const std::vector<std::string> printed =
      lines(done({"evaluate", path("run"), "--data", path("lines.txt"), "--per-line"}).out);
  ASSERT_EQ(printed.size(), 4U);
  EXPECT_EQ(printed[1], "0.0000\t0");
  EXPECT_THAT(printed[0], testing::EndsWith("\t20"));
  EXPECT_EQ(printed[2], "-41.7707\t3") << "three symbols that it never saw";
}

TEST_F(Generation, PredictNamesTheModelOfEachLine) {
  // Two languages of which neither model sees the other's letters in the same order.
  std::string forwards, backwards;
  for (int i = 0; i < 300; ++i) {
    forwards += "abcdefgh\n";
    backwards += "hgfedcba\n";
  }
  write_atomically(path("f.txt"), forwards);
  write_atomically(path("b.txt"), backwards);
  for (const std::string name : {"f", "b"}) {
    done({"train", "lm", "--data", path(name + ".txt"), "--out", path(name), "--hidden", "12", "--layers", "1",
          "--steps", "300", "--batch", "4", "--unroll", "8", "--lr", "0.02", "--quiet"});
  }
  write_atomically(path("lines.txt"), "bcde\nedcb\nabc\n");
  const std::string models = path("f") + "," + path("b");
  const std::vector<std::string> printed =
      lines(done({"predict", "--models", models, "--data", path("lines.txt")}).out);
  ASSERT_EQ(printed.size(), 3U);
  EXPECT_THAT(printed[0], testing::StartsWith("f\t0.9"));
  EXPECT_THAT(printed[1], testing::StartsWith("b\t0.9"));
  EXPECT_THAT(printed[2], testing::StartsWith("f\t"));

  // Bayes' rule on what evaluate says.
  const auto log_probability = [&](const std::string& model) {
    const std::vector<std::string> all =
        lines(done({"evaluate", path(model), "--data", path("lines.txt"), "--per-line", "--json"}).out);
    return json::parse(all.at(1))["log_probability"].get<double>();
  };
  const std::vector<std::string> scored = lines(
      done({"predict", "--models", models, "--data", path("lines.txt"), "--priors", "3,1", "--scores", "--json"}).out);
  const json second = json::parse(scored.at(1));
  const double odds = 3 * std::exp(log_probability("f") - log_probability("b"));
  EXPECT_NEAR(second["probability"].get<double>(), 1 / (1 + odds), 1e-6);
  ASSERT_EQ(second["scores"].size(), 2U);
  EXPECT_EQ(second["scores"][0]["model"], "b");
  EXPECT_NEAR(second["scores"][1]["log_probability"].get<double>(), log_probability("f"), 1e-4);
  expect_usage({"predict", "--models", models, "--data", path("lines.txt"), "--priors", "1,1,1"}, "--priors");
}

}  // namespace
}  // namespace unfold
