// unfold bench: what it reports, whatever the figures are.
#include <nlohmann/json.hpp>

#include "cli/run_test.h"

namespace unfold {
namespace {

using testing::HasSubstr;

class Bench : public RunTest {
 protected:
  /// A tiny model's figures as JSON.
  nlohmann::json bench(std::vector<std::string> words) const {
    words.insert(words.begin(), "bench");
    words.insert(words.end(), {"--hidden", "16", "--rounds", "1", "--threads", "1", "--json"});
    return nlohmann::json::parse(done(words).out);
  }
};

TEST_F(Bench, TrainingStandsBesideThePeakAndAnotherCell) {
  const nlohmann::json report = bench({"train", "--cell", "gru", "--layers", "1", "--batch", "8", "--unroll", "5",
                                       "--zoneout", "0.1", "--beside", "elman"});
  const double gflop = 3 * 2 * 8 * 5 * (3 * 16 * (65 + 16) + 16 * 65) / 1e9;
  EXPECT_DOUBLE_EQ(report["gflop"], gflop);
  EXPECT_DOUBLE_EQ(report["gflops"], gflop / report["seconds_per_step"].get<double>());
  EXPECT_DOUBLE_EQ(report["fraction_of_peak"], report["gflops"].get<double>() / report["peak_gflops"].get<double>());
  EXPECT_LT(report["executed_gflop"], report["gflop"]);
  EXPECT_EQ(report["beside"], "elman");
  EXPECT_GT(report["times_beside"], 0);
}

TEST_F(Bench, CellsCanBeAUsersFile) {
  write_atomically(path("mine.cell"), "cell mine\ninput x\nstate h\nh' = tanh(W x + U h + b)\noutput h'\n");
  const nlohmann::json report = bench({"cells", path("mine.cell"), "elman", "--batch", "8", "--unroll", "5"});
  ASSERT_EQ(report["cells"].size(), 2U);
  EXPECT_EQ(report["cells"][path("mine.cell")]["gflop"], report["cells"]["elman"]["gflop"]);
  const Ended ended = run({"bench", "cells", "elmann"});
  EXPECT_EQ(ended.code, 1);
  EXPECT_THAT(ended.err, HasSubstr("elman"));
}

TEST_F(Bench, GenerationStandsBesideReading) {
  const nlohmann::json report = bench({"generate", "--layers", "1"});
  const double bytes = 4 * (4 * (16 + 16 * 16 + 16) + 16 * 65 + 65);
  EXPECT_DOUBLE_EQ(report["megabytes_per_token"], bytes / 1e6);
  EXPECT_DOUBLE_EQ(report["fraction_of_limit"],
                   report["tokens_per_second"].get<double>() / report["limit_tokens_per_second"].get<double>());
}

TEST_F(Bench, GenerationReadsFewerBytesOfSmallerWeights) {
  const double f32 = bench({"generate", "--layers", "1"})["megabytes_per_token"];
  const double vectors = 4 * (4 * 16 + 65) / 1e6;
  const auto megabytes = [&](const char* weights) {
    return bench({"generate", "--layers", "1", "--weights", weights})["megabytes_per_token"].get<double>();
  };
  EXPECT_NEAR(megabytes("bf16"), (f32 - vectors) / 2 + vectors, 1e-9);
  EXPECT_NEAR(megabytes("int8"), (f32 - vectors) / 4 + vectors, 1e-9);
}

TEST_F(Bench, AStepStandsBesideReadingForEverySize) {
  const nlohmann::json report = nlohmann::json::parse(
      done({"bench", "step", "--cell", "gru", "--hidden", "5,16", "--rounds", "1", "--threads", "1", "--json"}).out);
  EXPECT_EQ(report["cell"], "gru");
  ASSERT_EQ(report["units"].size(), 2U);
  for (const char* units : {"5", "16"}) {
    EXPECT_GT(report["units"][units]["nanoseconds"], 0);
    EXPECT_GT(report["units"][units]["limit_nanoseconds"], 0);
  }
}

TEST_F(Bench, LabellingStandsBesideEqualLengths) {
  for (const std::vector<std::string>& task :
       {std::vector<std::string>{"tag", "--embed", "4", "--char-hidden", "0", "--layers", "1"}, {"classify"}}) {
    const nlohmann::json rows = bench(task)["rows"];
    ASSERT_EQ(rows.size(), 2U);
    EXPECT_EQ(rows[0]["what"], "training");
    EXPECT_EQ(rows[1]["what"], "prediction");
    for (const nlohmann::json& row : rows) {
      EXPECT_EQ(row["threads"], 1);
      EXPECT_DOUBLE_EQ(row["fraction"],
                       row["words_per_second"].get<double>() / row["equal_lengths_words_per_second"].get<double>());
    }
  }
}

}  // namespace
}  // namespace unfold
