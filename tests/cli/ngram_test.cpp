// N-gram models from the command line: counting, measuring, mixing, exporting, writing.
#include <nlohmann/json.hpp>

#include "cli/run_test.h"
#include "data/shared_data.h"

namespace unfold {
namespace {

using nlohmann::json;

constexpr double kPrinted = 1e-6;  // nine digits of log10 p in an ARPA file, float32 in scores

class NGramCommand : public RunTest {
 protected:
  json counted(const std::string& out, const std::vector<std::string>& more = {}) const {
    std::vector<std::string> words = {"train", "ngram", "--data", text(), "--out", path(out), "--json"};
    words.insert(words.end(), more.begin(), more.end());
    return json::parse(done(words).out);
  }
  json evaluated(const std::string& model, const std::vector<std::string>& more = {}) const {
    std::vector<std::string> words = {"evaluate", path(model), "--data", text(), "--json"};
    words.insert(words.end(), more.begin(), more.end());
    return json::parse(done(words).out);
  }
};

TEST_F(NGramCommand, CountsAndSaysWhatItFound) {
  const json run = counted("ngram", {"--order", "3", "--smoothing", "witten-bell"});
  EXPECT_EQ(run["order"], 3);
  EXPECT_EQ(run["counts"].size(), 3U);
  EXPECT_EQ(run["counts"][0], run["vocabulary"]);
  EXPECT_GT(run["valid_nats"], 0);
  EXPECT_TRUE(std::filesystem::exists(path("ngram") + "/config.toml"));
  EXPECT_THAT(done({"train", "ngram", "--data", text(), "--out", path("other")}).out,
              testing::AllOf(testing::HasSubstr("6-grams"), testing::HasSubstr("perplexity")));
}

TEST_F(NGramCommand, EvaluatesAsItValidated) {
  write_atomically(path("valid.txt"), "the cat eats a stone.\nmy aunt hears the bell.\n");
  const json run = counted("ngram", {"--valid", path("valid.txt")});
  const json found = json::parse(done({"evaluate", path("ngram"), "--data", path("valid.txt"), "--json"}).out);
  EXPECT_EQ(found["tokens"], run["valid_tokens"]);
  EXPECT_NEAR(found["nats"], run["valid_nats"], kPrinted);
}

TEST_F(NGramCommand, TheArpaFileIsTheSameModel) {
  counted("ngram", {"--order", "4"});
  done({"export", path("ngram"), "--arpa", path("ngram.arpa")});
  EXPECT_NEAR(evaluated("ngram.arpa")["nats"], evaluated("ngram")["nats"], kPrinted);
}

TEST_F(NGramCommand, MixesWithANetworkAndACache) {
  done(training("run", 20));
  counted("ngram", {"--order", "3"});
  const json mixed = evaluated("run", {"--mix", path("ngram") + ":0.3", "--mix", "cache:0.1", "--batch", "1"});
  const double network = evaluated("run", {"--batch", "1"})["nats"];
  const double ngram = evaluated("ngram")["nats"];
  ASSERT_EQ(mixed["mixed"].size(), 3U);
  EXPECT_NEAR(mixed["mixed"][0]["weight"], 0.6, kPrinted);
  EXPECT_NEAR(mixed["mixed"][0]["nats"], network, 1e-4);  // another kernel may compute the loss
  EXPECT_NEAR(mixed["mixed"][1]["nats"], ngram, kPrinted);
  EXPECT_LT(evaluated("run", {"--mix", path("ngram") + ":0.4", "--batch", "1"})["nats"], 0.6 * network + 0.4 * ngram)
      << "the logarithm is concave";
  EXPECT_THAT(done({"evaluate", path("run"), "--data", text(), "--mix", path("ngram") + ":0.3"}).out,
              testing::HasSubstr("0.3 of " + path("ngram") + ": alone"));
}

TEST_F(NGramCommand, LinesStandAlone) {
  const std::vector<std::string> lines = {"--lines", "--valid", text(), "--order", "3"};
  const json run = counted("lines", lines);
  EXPECT_EQ(run["valid_tokens"], run["tokens"].get<Index>() - 1) << "the first boundary is given";
  const json found = evaluated("lines");
  EXPECT_EQ(found["tokens"], run["valid_tokens"]);
  EXPECT_NEAR(found["nats"], run["valid_nats"], kPrinted);
  EXPECT_THAT(done({"generate", path("lines"), "--length", "100"}).out, testing::Not(testing::HasSubstr("\n\n")));
}

TEST_F(NGramCommand, NamesHaveTheKnownMaximumLikelihoodBigram) {
  const auto names = shared_data("names/makemore_names.txt");
  UNFOLD_NEEDS(names);
  const json run =
      json::parse(done({"train", "ngram", "--lines", "--data", names.string(), "--valid", names.string(), "--out",
                        path("names"), "--order", "2", "--smoothing", "maximum-likelihood", "--json"})
                      .out);
  EXPECT_EQ(run["valid_tokens"], 228'146);
  EXPECT_NEAR(run["valid_nats"], 2.4540, 1e-4);
}

TEST_F(NGramCommand, WritesText) {
  counted("ngram");
  EXPECT_EQ(done({"generate", path("ngram"), "--prompt", "the ", "--length", "20"}).out.size(), 4U + 20 + 1);
}

TEST_F(NGramCommand, RefusesWhatItCannotDo) {
  counted("ngram");
  const auto refused = [&](const std::vector<std::string>& words, int code, const std::string& message) {
    const Ended ended = run(words);
    EXPECT_EQ(ended.code, code);
    EXPECT_THAT(ended.err, testing::HasSubstr(message));
  };
  const std::string model = path("ngram");
  refused({"train", "ngram", "--data", text(), "--out", model}, 1, "--overwrite");
  refused({"train", "ngram", "--data", text(), "--out", path("x"), "--order", "0"}, 2,
          "--order must be from 1 to 1000");
  refused({"train", "ngram", "--data", text(), "--out", path("x"), "--smoothing", "good"}, 2, "witten-bell");
  refused({"evaluate", model, "--data", text(), "--mix", "cache"}, 2, "MODEL:WEIGHT");
  refused({"evaluate", model, "--data", text(), "--mix", "cache:0.5", "--mix", "cache:0.5"}, 2, "leave something");
  refused({"evaluate", model, "--data", text(), "--mix", path("none") + ":0.5"}, 1, "none");
  write_atomically(path("other.txt"), "other letters: xyz\n");
  done({"train", "ngram", "--data", path("other.txt"), "--out", path("other")});
  refused({"evaluate", model, "--data", text(), "--mix", path("other") + ":0.5"}, 1, "vocabulary");
  done(training("network", 2));
  refused({"export", path("network"), "--arpa", path("x.arpa")}, 1, "only n-gram models");
}

}  // namespace
}  // namespace unfold
