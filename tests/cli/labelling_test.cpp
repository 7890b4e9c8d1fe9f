// Models that count labels, from the command line: counting, measuring, labelling files and the standard input.
#include <sys/wait.h>
#include <unistd.h>

#include <nlohmann/json.hpp>

#include "cli/run_test.h"

namespace unfold {
namespace {

using nlohmann::json;
using testing::HasSubstr;

class LabellingCommand : public RunTest {
 protected:
  void SetUp() override {
    std::string reviews;
    std::string sentences;
    for (int i = 0; i < 40; ++i) {
      reviews += "pos a good film number " + std::to_string(i) + "\nneg a bad film number " + std::to_string(i) + "\n";
      const std::string noun = i % 2 == 0 ? "dog" : "cat";
      sentences += "# sentence " + std::to_string(i) + "\n" + word(1, "the", "DET") + word(2, noun, "NOUN") +
                   word(3, "sleeps", "VERB") + "\n";
    }
    write_atomically(path("reviews.all"), reviews);
    write_atomically(path("words.conllu"), sentences);
  }

  static std::string word(int id, const std::string& form, const std::string& tag) {
    return std::to_string(id) + "\t" + form + "\t_\t" + tag + "\t_\t_\t_\t_\t_\t_\n";
  }

  json trained(const std::string& task, const std::string& data, const std::string& out,
               const std::vector<std::string>& more = {}) const {
    std::vector<std::string> words = {"train", task, "--data", path(data), "--out", path(out), "--json"};
    words.insert(words.end(), more.begin(), more.end());
    return json::parse(done(words).out);
  }
};

TEST_F(LabellingCommand, CountsClassesAndMeasuresThem) {
  const json run = trained("naive-bayes", "reviews.all", "bayes");
  EXPECT_EQ(run["sequences"], 72);
  EXPECT_EQ(run["valid_sequences"], 8);
  EXPECT_EQ(run["valid_accuracy"], 1.0);
  const json found = json::parse(done({"evaluate", path("bayes"), "--data", path("reviews.all"), "--json"}).out);
  EXPECT_EQ(found["sequences"], 80);
  EXPECT_EQ(found["confusion"], json::parse("[[40, 0], [0, 40]]"));
  EXPECT_EQ(found["labels"]["pos"]["f1"], 1.0);
  EXPECT_THAT(done({"evaluate", path("bayes"), "--data", path("reviews.all")}).out,
              testing::AllOf(HasSubstr("accuracy 100.00 %"), HasSubstr("predicted")));
}

TEST_F(LabellingCommand, LearnsClassesWithANetworkThatEveryVerbReads) {
  const std::vector<std::string> small = {"--hidden", "8",    "--embed",         "8",
                                          "--lr",     "0.02", "--bidirectional", "--quiet"};
  std::vector<std::string> options = small;
  options.insert(options.end(), {"--steps", "40", "--batch", "60"});
  const json trained_once = trained("classify", "reviews.all", "run", options);
  EXPECT_EQ(trained_once["sequences"], 72);
  EXPECT_EQ(trained_once["valid_accuracy"], 1.0);
  const json found = json::parse(done({"evaluate", path("run"), "--data", path("reviews.all"), "--json"}).out);
  EXPECT_EQ(found["confusion"], json::parse("[[40, 0], [0, 40]]"));
  write_atomically(path("new.txt"), "what a good one\n\nbad\n");
  const std::string answers = done({"predict", path("run"), "--data", path("new.txt"), "--format", "text"}).out;
  EXPECT_THAT(answers, testing::StartsWith("pos"));
  EXPECT_THAT(answers, HasSubstr("neg"));
  EXPECT_THAT(done({"predict", path("run"), "--data", path("new.txt"), "--format", "text", "--scores"}).out,
              HasSubstr("neg"));

  const json again = json::parse(done({"train", "classify", "--config", path("run") + "/config.toml", "--steps", "4",
                                       "--quiet", "--out", path("again"), "--json"})
                                     .out);
  EXPECT_EQ(again["steps"], 4);
  EXPECT_EQ(again["parameters"], trained_once["parameters"]);
  EXPECT_EQ(run({"train", "classify", "--data", path("reviews.all"), "--out", path("no"), "--pooling", "sum"}).code, 2);
}

TEST_F(LabellingCommand, TagsWordsAndGivesTheFileBackByteForByte) {
  const json run = trained("hmm", "words.conllu", "hmm");
  EXPECT_EQ(run["states"], 3);
  EXPECT_EQ(run["valid_accuracy"], 1.0);
  EXPECT_EQ(done({"predict", path("hmm"), "--data", path("words.conllu")}).out, read_file(path("words.conllu")));
  write_atomically(path("new.conllu"),
                   "# new\r\n" + word(1, "the", "_") + word(2, "cow", "_") + word(3, "sleeps", "_"));
  EXPECT_EQ(done({"predict", path("hmm"), "--data", path("new.conllu")}).out,
            "# new\r\n" + word(1, "the", "DET") + word(2, "cow", "NOUN") + word(3, "sleeps", "VERB"));
  EXPECT_THAT(done({"evaluate", path("hmm"), "--data", path("words.conllu")}).out, HasSubstr("accuracy 100.00 %"));
  EXPECT_THAT(done({"predict", path("hmm"), "--data", path("new.conllu"), "--scores"}).out,
              HasSubstr("\tProbability="));
}

TEST_F(LabellingCommand, TrainsANetworkThatTags) {
  const std::vector<std::string> small = {"--hidden",        "6",  "--layers", "1",    "--dropout", "0",
                                          "--input-dropout", "0",  "--batch",  "20",   "--lr",      "0.02",
                                          "--steps",         "80", "--quiet",  "--crf"};
  const json result = trained("tag", "words.conllu", "network", small);
  EXPECT_EQ(result["labels"], 3);
  EXPECT_EQ(result["valid_accuracy"], 1.0);
  EXPECT_EQ(done({"predict", path("network"), "--data", path("words.conllu")}).out, read_file(path("words.conllu")));
  EXPECT_THAT(done({"predict", path("network"), "--data", path("words.conllu"), "--scores"}).out,
              HasSubstr("\tProbability="));
  EXPECT_THAT(done({"evaluate", path("network"), "--data", path("words.conllu")}).out, HasSubstr("accuracy 100.00 %"));
  write_atomically(path("lines.txt"), "the dog sleeps\n\nthe cow\n");
  EXPECT_EQ(done({"predict", path("network"), "--data", path("lines.txt"), "--format", "text"}).out,
            "DET NOUN VERB\n\nDET NOUN\n");
  EXPECT_THAT(run({"train", "tag", "--data", path("reviews.all"), "--out", path("x")}).err,
              HasSubstr("no step of the training sequences has a label"));
  EXPECT_FALSE(std::filesystem::exists(path("x")));
}

TEST_F(LabellingCommand, RepeatsARunFromItsConfiguration) {
  const json first = trained("naive-bayes", "reviews.all", "one", {"--level", "char", "--ngram", "3"});
  const json again = json::parse(done({"train", "naive-bayes", "--config", path("one") + "/config.toml", "--ngram", "2",
                                       "--out", path("two"), "--json"})
                                     .out);
  EXPECT_LT(again["features"], first["features"]);
  EXPECT_THAT(read_file(path("two") + "/config.toml"), HasSubstr("level = 'char'"));
}

TEST_F(LabellingCommand, LearnsStatesFromWordsAlone) {
  const json run = trained("hmm", "words.conllu", "states", {"--states", "3", "--iterations", "5"});
  EXPECT_EQ(run["log_probabilities"].size(), 6U);
  EXPECT_GT(run["valid_nats"], 0);
}

TEST_F(LabellingCommand, ReportsWhatStandsInBothParts) {
  std::string again;
  for (int i = 0; i < 30; ++i) again += "a same text\nb other " + std::to_string(i) + "\n";
  write_atomically(path("again.all"), again);
  EXPECT_THAT(done({"train", "naive-bayes", "--data", path("again.all"), "--out", path("one")}).err,
              HasSubstr("3 of 6 validation sequences stand in the training part"));
  EXPECT_THAT(done({"train", "naive-bayes", "--data", path("again.all"), "--out", path("two"), "--deduplicate"}).err,
              testing::AllOf(HasSubstr("removed: 29"), testing::Not(HasSubstr("training part"))));
}

/// A line is answered before the next one is written.
TEST_F(LabellingCommand, AnswersTheStandardInputLineByLine) {
  trained("naive-bayes", "reviews.all", "bayes");
  int in[2];
  int out[2];
  ASSERT_EQ(pipe(in), 0);
  ASSERT_EQ(pipe(out), 0);
  const pid_t process = fork();
  if (process == 0) {
    dup2(in[0], STDIN_FILENO);
    dup2(out[1], STDOUT_FILENO);
    close(in[1]);
    close(out[0]);
    execl(UNFOLD_COMMAND, UNFOLD_COMMAND, "predict", path("bayes").c_str(), "--data", "-", nullptr);
    _exit(127);
  }
  close(in[0]);
  close(out[1]);
  for (const std::string label : {"pos", "neg", "pos"}) {
    const std::string line = label == "pos" ? "a good film\n" : "a bad film\n";
    ASSERT_EQ(write(in[1], line.data(), line.size()), static_cast<ssize_t>(line.size()));
    std::string answer;
    for (char character = 0; character != '\n' && read(out[0], &character, 1) == 1;) answer += character;
    EXPECT_EQ(answer, label + " " + line);
  }
  close(in[1]);
  int status = 0;
  waitpid(process, &status, 0);
  close(out[0]);
  EXPECT_EQ(status, 0);
}

TEST_F(LabellingCommand, SaysWhatIsWrong) {
  EXPECT_EQ(run({"train", "naive-bayes", "--data", path("reviews.all")}).code, 2);
  EXPECT_THAT(run({"train", "hmm", "--data", path("reviews.all"), "--out", path("x")}).err,
              HasSubstr("no word has a tag"));
  write_atomically(path("bad.conllu"), "1\tone\n");
  const Ended bad = run({"train", "hmm", "--data", path("bad.conllu"), "--out", path("x")});
  EXPECT_EQ(bad.code, 1);
  EXPECT_THAT(bad.err, HasSubstr("bad.conllu:1: expected ten columns"));
  EXPECT_FALSE(std::filesystem::exists(path("x")));
  trained("naive-bayes", "reviews.all", "bayes");
  EXPECT_THAT(run({"evaluate", path("bayes"), "--data", path("reviews.all"), "--mc", "3"}).err, HasSubstr("--mc"));
  write_atomically(path("other.all"), "x one text\n");
  EXPECT_THAT(
      run({"evaluate", path("bayes"), "--data", path("other.all")}).err,
      testing::AllOf(HasSubstr("other.all: no sequence has a label that the model knows"), HasSubstr("neg, pos")));
  EXPECT_EQ(run({"predict", "--data", path("reviews.all")}).code, 2);
}

}  // namespace
}  // namespace unfold
