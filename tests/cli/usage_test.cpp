// The command line itself: help, wrong usage, results on standard output.
#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <sstream>

#include "cli/run_test.h"

namespace unfold {
namespace {

using testing::AllOf;
using testing::HasSubstr;

using Usage = RunTest;

TEST_F(Usage, HelpHasAnExampleEverywhere) {
  for (const std::vector<std::string>& words : std::vector<std::vector<std::string>>{{"--help"},
                                                                                     {"train", "--help"},
                                                                                     {"train", "lm", "--help"},
                                                                                     {"train", "ngram", "--help"},
                                                                                     {"export", "--help"},
                                                                                     {"evaluate", "--help"},
                                                                                     {"generate", "--help"},
                                                                                     {"cells", "--help"},
                                                                                     {"explain", "--help"},
                                                                                     {"check", "--help"},
                                                                                     {"bench", "--help"},
                                                                                     {"predict", "--help"}}) {
    const Ended ended = done(words);
    EXPECT_THAT(ended.out, HasSubstr("Example")) << words.front();
    EXPECT_EQ(ended.err, "");
  }
}

TEST_F(Usage, WrongUsageIsExplainedWithTheNearestName) {
  const auto expect_usage = [this](const std::vector<std::string>& words, const std::string& part) {
    const Ended ended = run(words);
    EXPECT_EQ(ended.code, 2) << ended.err;
    EXPECT_THAT(ended.err, HasSubstr(part));
    EXPECT_EQ(ended.out, "");
  };
  expect_usage({}, "--help");
  expect_usage({"trian", "lm"}, "'train'");
  expect_usage({"train"}, "lm");
  expect_usage({"train", "ml"}, "'lm'");
  expect_usage({"train", "lm", "--data", text(), "--out", path("run"), "--hiden", "3"}, "'--hidden'");
  expect_usage({"train", "lm", "--out", path("run")}, "--data");
  expect_usage({"train", "lm", "--data", text()}, "--out");
  expect_usage(training("run", 2, {"--batch", "zero"}), "--batch");
  expect_usage(training("run", 2, {"--level", "letter"}), "level");
  expect_usage(training("run", 2, {"--optimizer", "addam"}), "did you mean 'adam'");
  expect_usage(training("run", 2, {"--schedule", "cosinus"}), "did you mean 'cosine'");
  expect_usage(training("run", 2, {"--decay", "0"}), "--decay");
  expect_usage(training("run", 2, {"--clip-search", "--clip-norm", "0"}), "--clip-norm or --clip-value");
  expect_usage(training("run", 2, {"--optimizer", "asgd", "--average-weights", "0.9"}), "asgd");
  expect_usage(training("run", 2, {"--recurrent-dropout", "variational"}), "recurrent-dropout");
  expect_usage(training("run", 2, {"--recurrent-dropout", "naive:1.5"}), "recurrent-dropout");
  expect_usage(training("run", 2, {"--epochs", "3"}), "--epochs");
  expect_usage(training("run", 2, {"--resume", "--overwrite"}), "--overwrite");
  expect_usage(training("run", 2, {"--precision", "f16"}), "--precision");
  EXPECT_FALSE(std::filesystem::exists(path("run")));
}

TEST_F(Usage, TrainingEndsWithOneJsonObject) {
  const Ended ended = done(training("run", 7, {"--json", "--validate-every", "3"}));
  const nlohmann::json object = nlohmann::json::parse(ended.out);
  EXPECT_EQ(object["steps"], 7);
  EXPECT_EQ(object["tokens"], 7 * 4 * 8);
  EXPECT_GT(object["parameters"], 12 * 12);
  EXPECT_GT(object["seconds"], 0);
  EXPECT_GT(object["tokens_per_second"], 0);
  EXPECT_GT(object["epochs"], 0);
  EXPECT_GT(object["train_nats"], 0);
  EXPECT_NEAR(object["valid_bits_per_token"].get<double>(), object["valid_nats"].get<double>() / std::log(2.0), 1e-9);
  EXPECT_EQ(object["model"], path("run/model.safetensors"));
}

TEST_F(Usage, EvaluateReportsTheModelThatWasSaved) {
  const nlohmann::json trained =
      nlohmann::json::parse(done(training("run", 40, {"--json", "--valid", text(), "--validate-every", "10"})).out);
  for (const std::string& model : {path("run"), path("run/model.safetensors")}) {
    const nlohmann::json object =
        nlohmann::json::parse(done({"evaluate", model, "--data", text(), "--batch", "4", "--json"}).out);
    EXPECT_GT(object["tokens"], 1000);
    // The same model on the same text, possibly cut into other streams.
    EXPECT_NEAR(object["nats"].get<double>(), trained["valid_nats"].get<double>(), 0.05);
    EXPECT_NEAR(object["perplexity"].get<double>(), std::exp(object["nats"].get<double>()), 1e-6);
    EXPECT_NEAR(object["bits_per_token"].get<double>(), object["nats"].get<double>() / std::log(2.0), 1e-9);
    EXPECT_NEAR(object["bits_per_char"].get<double>(), object["bits_per_token"].get<double>(), 1e-9);
  }
}

TEST_F(Usage, GenerateContinuesThePromptAndRepeatsWithTheSameSeed) {
  done(training("run", 30));
  const std::vector<std::string> words = {"generate", path("run"), "--prompt", "the cat",
                                          "--length", "50",        "--seed",   "3"};
  const Ended first = done(words);
  EXPECT_THAT(first.out, testing::StartsWith("the cat"));
  EXPECT_EQ(first.out.size(), std::string("the cat").size() + 50 + 1) << "the prompt, 50 characters, the line's end";
  EXPECT_EQ(done(words).out, first.out);
  const nlohmann::json object = nlohmann::json::parse(
      done({"generate", path("run"), "--prompt", "the cat", "--length", "50", "--seed", "3", "--count", "2", "--json"})
          .out);
  ASSERT_EQ(object["texts"].size(), 2u);
  EXPECT_NE(object["texts"][0], object["texts"][1]);
}

TEST_F(Usage, TheConfigurationRepeatsARun) {
  done(training("run", 12, {"--seed", "5", "--cell", "gru", "--clip-norm", "0.5"}));
  done({"train", "lm", "--config", path("run/config.toml"), "--out", path("again"), "--quiet"});
  EXPECT_EQ(read_file(path("again/model.safetensors")), read_file(path("run/model.safetensors")));
  done({"train", "lm", "--config", path("run/config.toml"), "--out", path("other"), "--seed", "6", "--quiet"});
  EXPECT_NE(read_file(path("other/model.safetensors")), read_file(path("run/model.safetensors")));
}

TEST_F(Usage, MinutesAreRecordedAsSteps) {
  const std::vector<std::string> words = {"train",    "lm", "--data",    text(), "--out",   path("run"),
                                          "--hidden", "12", "--layers",  "1",    "--batch", "4",
                                          "--unroll", "8",  "--minutes", "0.02", "--quiet", "--json"};
  const nlohmann::json object = nlohmann::json::parse(done(words).out);
  EXPECT_THAT(read_file(path("run/config.toml")), HasSubstr("steps = " + object["steps"].dump()));
  done({"train", "lm", "--config", path("run/config.toml"), "--out", path("again"), "--quiet"});
  EXPECT_EQ(read_file(path("again/model.safetensors")), read_file(path("run/model.safetensors")));
}

TEST_F(Usage, DivergenceIsAnExitCodeOfItsOwn) {
  const Ended ended =
      run(training("run", 50, {"--cell", "elman_relu", "--optimizer", "sgd", "--lr", "1e8", "--clip-norm", "0"}));
  EXPECT_EQ(ended.code, 3) << ended.err;
  EXPECT_THAT(ended.err, AllOf(HasSubstr("diverged"), HasSubstr("Going back 3 times"), HasSubstr("--lr"),
                               HasSubstr("--config " + path("run/config.toml"))));
  EXPECT_EQ(ended.out, "");
  std::istringstream log(read_file(path("run/log.jsonl")));
  int halvings = 0;
  for (std::string line; std::getline(log, line);) {
    EXPECT_EQ(nlohmann::json::parse(line)["halvings"], ++halvings);
  }
  EXPECT_EQ(halvings, 3);
  EXPECT_EQ(run({"train", "lm", "--out", path("run"), "--resume", "--quiet"}).code, 3) << "and it stays diverged";
}

TEST_F(Usage, ARunThatDivergesGoesBackAndSaysSo) {
  std::vector<std::string> words =
      training("run", 60, {"--cell", "elman_relu", "--optimizer", "sgd", "--lr", "50", "--clip-norm", "5"});
  words.insert(words.end(), {"--validate-every", "20", "--clip-search"});
  words.erase(std::find(words.begin(), words.end(), "--quiet"));
  const Ended ended = done(words);
  EXPECT_THAT(ended.err, AllOf(HasSubstr("Training diverged at step"), HasSubstr("Back to step 0"),
                               HasSubstr("half the clipping threshold (1 of 10)")));
  // What it came to is repeated bit for bit, returns included.
  done({"train", "lm", "--config", path("run/config.toml"), "--out", path("again"), "--quiet"});
  EXPECT_EQ(read_file(path("again/model.safetensors")), read_file(path("run/model.safetensors")));
}

TEST_F(Usage, PatienceEndsARunAndSaysSo) {
  // Without a learning rate to speak of, the first validation stays the best, or the second.
  const Ended ended = done(training(
      "run", 200, {"--optimizer", "sgd", "--lr", "1e-30", "--validate-every", "5", "--patience", "2", "--json"}));
  EXPECT_EQ(nlohmann::json::parse(ended.out)["steps"], 15);
  EXPECT_THAT(ended.err, HasSubstr("Stopped early: 2 validations"));
}

TEST_F(Usage, TheRecipeOfTheSmallPennTreebankModelIsOneCommand) {
  const std::vector<std::string> words = {"train",    "lm",
                                          "--data",   text(),
                                          "--out",    path("run"),
                                          "--hidden", "12",
                                          "--batch",  "20",
                                          "--unroll", "20",
                                          "--quiet",  "--optimizer",
                                          "sgd",      "--lr",
                                          "1",        "--schedule",
                                          "step",     "--decay",
                                          "0.5",      "--decay-after",
                                          "4",        "--epochs",
                                          "13",       "--clip-norm",
                                          "5",        "--validate-every",
                                          "10"};
  done(words);
  std::istringstream log(read_file(path("run/log.jsonl")));
  for (std::string line; std::getline(log, line);) {
    const nlohmann::json entry = nlohmann::json::parse(line);
    const double epoch = std::ceil(entry["epoch"].get<double>() - 1e-9);  // the one that the step was part of
    EXPECT_EQ(entry["learning_rate"], epoch <= 4 ? 1 : std::pow(0.5, epoch - 4)) << line;
  }
}

TEST_F(Usage, ProgressAndSamplesGoToStandardError) {
  std::vector<std::string> words = training("run", 10, {"--sample", "20"});
  words.erase(std::find(words.begin(), words.end(), "--quiet"));
  const Ended ended = done(words);
  EXPECT_THAT(ended.err,
              AllOf(HasSubstr("after 0 steps it writes:"), HasSubstr("after 8 steps"), HasSubstr("step 10/10")));
  EXPECT_THAT(ended.out, testing::Not(HasSubstr("step 10/10")));
  // Watching changes nothing.
  done(training("unwatched", 10));
  EXPECT_EQ(read_file(path("run/model.safetensors")), read_file(path("unwatched/model.safetensors")));
}

TEST_F(Usage, SamplesAreKeptWhetherShownOrNot) {
  done(training("run", 10));
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(path("run/samples"))) {
    names.push_back(entry.path().filename().string());
    EXPECT_GT(read_file(entry.path()).size(), 300U);
  }
  EXPECT_THAT(names, testing::UnorderedElementsAre("00000000.txt", "00000001.txt", "00000002.txt", "00000004.txt",
                                                   "00000008.txt", "00000010.txt"));
  done(training("none", 10, {"--keep-samples", "0"}));
  EXPECT_FALSE(std::filesystem::exists(path("none/samples")));
  EXPECT_EQ(read_file(path("none/model.safetensors")), read_file(path("run/model.safetensors")));
}

TEST_F(Usage, TheBaselineCountsOnTheTextGiven) {
  done(training("run", 2));
  const nlohmann::json object =
      nlohmann::json::parse(done({"evaluate", path("run"), "--data", text(), "--baseline", text(), "--json"}).out);
  EXPECT_EQ(object["baseline_order"], 6);
  // The text it counted is nearly known by heart; two steps of training know next to nothing.
  EXPECT_LT(object["baseline_nats"], 0.7);
  EXPECT_GT(object["nats"], 1.5);
}

TEST_F(Usage, WordsAreEmbeddedAndRareOnesUnknown) {
  done(training("run", 20, {"--level", "word", "--vocab", "15"}));
  EXPECT_THAT(read_file(path("run/config.toml")), AllOf(HasSubstr("embed = 12\n"), HasSubstr("vocab = 15\n")));
  const nlohmann::json object = nlohmann::json::parse(done({"evaluate", path("run"), "--data", text(), "--json"}).out);
  EXPECT_LT(object["bits_per_char"], object["bits_per_token"]);
  EXPECT_EQ(run(training("bytes", 2, {"--level", "byte", "--vocab", "15"})).code, 2) << "all bytes are kept";
}

TEST_F(Usage, CellsListsAndShows) {
  EXPECT_THAT(done({"cells"}).out, AllOf(HasSubstr("\nlstm "), HasSubstr("Hochreiter")));
  EXPECT_THAT(done({"cells", "lstm", "--hidden", "5", "--input", "3"}).out,
              AllOf(HasSubstr("c' = f * c + i * g"), HasSubstr("W_xi [5, 3]"), HasSubstr("b_f [5]")));
  EXPECT_THAT(done({"explain", "lstm", "--hidden", "32"}).out, HasSubstr("lstm"));
  EXPECT_THAT(done({"check", "gru"}).out, HasSubstr("W"));
}

}  // namespace
}  // namespace unfold
