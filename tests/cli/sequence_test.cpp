// Models of vectors from the command line: trained, measured, continued, and what other models are told.
#include <nlohmann/json.hpp>

#include "cli/run_test.h"

namespace unfold {
namespace {

using nlohmann::json;
using testing::HasSubstr;

class SequenceCommand : public RunTest {
 protected:
  void SetUp() override {
    std::string music = "{\"train\": [";
    for (int piece = 0; piece < 20; ++piece) {
      music += piece == 0 ? "[" : ", [";
      for (int time = 0; time < 8; ++time) {
        music += std::string(time == 0 ? "" : ", ") + ((time + piece) % 2 == 0 ? "[60, 64]" : "[67]");
      }
      music += "]";
    }
    write_atomically(path("music.json"),
                     music + "], \"valid\": [[[60, 64], [67]]], \"test\": [[[67], [60, 64], [67]]]}");
    std::string lines;
    for (int i = 0; i < 20; ++i)
      lines += "{\"values\": [" + std::to_string(i) + ", 5, 6, " + std::to_string(i) + "]}\n";
    write_atomically(path("numbers.jsonl"), lines);
  }
  json trained(const std::string& data, const std::string& out, const std::vector<std::string>& more = {}) const {
    std::vector<std::string> words = {"train",    "sequence", "--data",  path(data), "--out",   path(out),
                                      "--hidden", "12",       "--lr",    "0.02",     "--batch", "100",
                                      "--steps",  "60",       "--quiet", "--json"};
    words.insert(words.end(), more.begin(), more.end());
    return json::parse(done(words).out);
  }
};

TEST_F(SequenceCommand, LearnsMusicMeasuresItAndPlaysOn) {
  const json run = trained("music.json", "run", {"--transpose", "1"});
  EXPECT_EQ(run["target"], "bernoulli");
  EXPECT_EQ(run["sequences"], 20);
  EXPECT_EQ(run["valid"]["steps"], 1);
  const json found =
      json::parse(done({"evaluate", path("run"), "--data", path("music.json"), "--part", "test", "--json"}).out);
  EXPECT_EQ(found["steps"], 2);
  EXPECT_GT(found["nats"], 0);
  EXPECT_LT(found["markov_nats"], found["unigram_nats"]);
  EXPECT_THAT(done({"evaluate", path("run"), "--data", path("music.json"), "--part", "test"}).out,
              testing::AllOf(HasSubstr("2 steps of 1 sequences"), HasSubstr("nats a step; each bit by itself")));

  const std::vector<std::string> play = {"generate", path("run"), "--length", "5", "--count", "2", "--seed", "3"};
  const std::string music = done(play).out;
  EXPECT_EQ(done(play).out, music);
  const json pieces = json::parse(music);
  ASSERT_EQ(pieces.size(), 2U);
  for (const json& piece : pieces) EXPECT_EQ(piece.size(), 5U);
  write_atomically(path("prime.json"), "[[[60, 64], [67]]]");
  EXPECT_THAT(done({"generate", path("run"), "--length", "1", "--prime", path("prime.json")}).out,
              testing::StartsWith("[[[60, 64], [67], ["));
}

TEST_F(SequenceCommand, PredictsNumbersInTheFormatOfTheirFile) {
  EXPECT_EQ(trained("numbers.jsonl", "run")["target"], "squared");
  write_atomically(path("more.jsonl"), "{\"values\": [1, 5, 6]}\n{\"values\": [2]}\n");
  const std::string predicted = done({"predict", path("run"), "--data", path("more.jsonl")}).out;
  const std::size_t end = predicted.find('\n');
  EXPECT_EQ(json::parse(predicted.substr(0, end))["values"].size(), 3U);
  EXPECT_EQ(json::parse(predicted.substr(end))["values"].size(), 1U);
  EXPECT_THAT(done({"evaluate", path("run"), "--data", path("numbers.jsonl")}).out,
              testing::AllOf(HasSubstr("mean squared error"), HasSubstr("by repeating the last value")));
}

TEST_F(SequenceCommand, SaysWhatDoesNotFit) {
  trained("numbers.jsonl", "run");
  const auto expect_refused = [&](const std::vector<std::string>& words, int code, const std::string& message) {
    const Ended ended = run(words);
    EXPECT_EQ(ended.code, code);
    EXPECT_THAT(ended.err, HasSubstr(message));
  };
  expect_refused({"generate", path("run"), "--prompt", "a"}, 2, "--prompt is for models of text");
  expect_refused({"evaluate", path("run"), "--data", path("numbers.jsonl"), "--batch", "2"}, 2,
                 "--batch is for models");
  expect_refused({"predict", path("run"), "--data", path("numbers.jsonl"), "--scores"}, 2, "numbers");
  expect_refused({"evaluate", path("run"), "--data", path("music.json")}, 1, "88");
  expect_refused({"train", "sequence", "--data", path("numbers.jsonl"), "--out", path("other"), "--bidirectional"}, 2,
                 "reads from the end");
}

}  // namespace
}  // namespace unfold
