// A run that is interrupted or killed and resumed ends with the same bits as one that was not.
#include <chrono>
#include <csignal>
#include <random>
#include <thread>

#include "cli/run_test.h"

namespace unfold {
namespace {

using namespace std::chrono_literals;

class Interruption : public RunTest {
 protected:
  std::vector<std::string> long_training(const std::string& out, const std::vector<std::string>& more = {}) const {
    std::vector<std::string> words = {"train",
                                      "lm",
                                      "--data",
                                      text(),
                                      "--out",
                                      path(out),
                                      "--hidden",
                                      "96",
                                      "--layers",
                                      "2",
                                      "--batch",
                                      "8",
                                      "--unroll",
                                      "24",
                                      "--steps",
                                      "1200",
                                      "--validate-every",
                                      "40",
                                      "--recurrent-dropout",
                                      "variational:0.2",
                                      "--quiet"};
    words.insert(words.end(), more.begin(), more.end());
    return words;
  }
  void expect_same_run(const std::string& a, const std::string& b) {
    EXPECT_EQ(read_file(path(a + "/model.safetensors")) == read_file(path(b + "/model.safetensors")), true)
        << "the best models differ";
    EXPECT_EQ(weights_of(a) == weights_of(b), true) << "the final weights differ";
  }
  /// last.safetensors without its header: that holds how long the run took.
  std::string weights_of(const std::string& run) const {
    const std::string file = read_file(path(run + "/last.safetensors"));
    std::size_t length = 0;
    for (std::size_t i = 8; i-- > 0;) length = length * 256 + static_cast<unsigned char>(file[i]);
    return file.substr(8 + length);
  }
};

TEST_F(Interruption, OneAndTwoThreadsGiveTheSameBits) {
  done(training("one", 60, {"--threads", "1"}));
  done(training("two", 60, {"--threads", "2"}));
  expect_same_run("one", "two");
}

TEST_F(Interruption, StoppedBySignalsAndResumed) {
  done(long_training("whole"));
  int interruptions = 0;
  for (const int signal : {SIGINT, SIGTERM, SIGINT}) {
    Command command = start(long_training("parts", {"--resume"}));
    std::this_thread::sleep_for(400ms);
    command.send(signal);
    const Ended ended = command.wait();
    interruptions += ended.code == 130 ? 1 : 0;
    // 128 + signal: it came before the program listened, so there was nothing to save.
    ASSERT_TRUE(ended.code == 130 || ended.code == 0 || ended.code == 128 + signal) << ended.code << ended.err;
  }
  EXPECT_GE(interruptions, 1) << "the run was over before it could be interrupted: make it longer";
  done(long_training("parts", {"--resume"}));
  expect_same_run("whole", "parts");
}

TEST_F(Interruption, KilledTenTimesAndResumed) {
  const auto began = std::chrono::steady_clock::now();
  done(long_training("whole"));
  // Ten sittings of at most a twelfth each do not reach the end, unless the machine has become faster meanwhile: then
  // the run begins again, with shorter sittings.
  auto longest = std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() - began) / 12;
  std::mt19937 random(20240229);
  for (int kills = 0; kills < 10;) {
    Command command = start(long_training("parts", {"--resume"}));
    std::this_thread::sleep_for(longest * std::uniform_real_distribution<>(0.05, 1)(random));
    command.send(SIGKILL);
    const Ended ended = command.wait();
    if (ended.code == 0) {
      std::filesystem::remove_all(path("parts"));
      longest /= 2;
      kills = 0;
      continue;
    }
    ASSERT_EQ(ended.code, 128 + SIGKILL) << ended.err;
    ++kills;
  }
  done(long_training("parts", {"--resume"}));
  expect_same_run("whole", "parts");
}

}  // namespace
}  // namespace unfold
