// Fixture: a scratch folder, a small text that can be learnt, and a tiny model's options.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "base/file.h"
#include "base/temporary_folder.h"
#include "cli/command.h"
#include "unfold/tensor.h"

namespace unfold {

class RunTest : public testing::Test {
 protected:
  void SetUp() override { write_atomically(text(), sentences()); }

  std::string path(const std::string& name) const { return (folder_ / name).string(); }
  std::string text() const { return path("text.txt"); }

  /// Arguments of a training of a second or so. `more` comes last and may repeat an option's name only once.
  std::vector<std::string> training(const std::string& out, Index steps,
                                    const std::vector<std::string>& more = {}) const {
    std::vector<std::string> words = {
        "train",    "lm", "--data",  text(), "--out",    path(out), "--hidden", "12",
        "--layers", "1",  "--batch", "4",    "--unroll", "8",       "--steps",  std::to_string(steps),
        "--quiet"};
    words.insert(words.end(), more.begin(), more.end());
    return words;
  }
  Command start(const std::vector<std::string>& arguments, const Surroundings& surroundings = {}) const {
    return Command(folder_, arguments, surroundings);
  }
  Ended run(const std::vector<std::string>& arguments, const Surroundings& surroundings = {}) const {
    return start(arguments, surroundings).wait();
  }
  /// Runs and expects success.
  Ended done(const std::vector<std::string>& arguments, const Surroundings& surroundings = {}) const {
    Ended ended = run(arguments, surroundings);
    EXPECT_EQ(ended.code, 0) << ended.err;
    return ended;
  }

  /// A few thousand characters of different sentences: something to learn, and not one line repeated.
  static std::string sentences() {
    const std::vector<std::string> subjects = {"the cat", "a dog", "my aunt", "the moon"};
    const std::vector<std::string> verbs = {"sees", "likes", "eats", "draws", "hears"};
    const std::vector<std::string> objects = {"the sea", "a tree",   "an apple", "the bell",
                                              "a stone", "the king", "a song"};
    std::string result;
    for (std::size_t i = 0; i < 200; ++i) {
      result += subjects[i % 4] + " " + verbs[(i * 3 + i / 7) % 5] + " " + objects[(i * 5 + i / 3) % 7] + ".\n";
    }
    return result;
  }

  const TemporaryFolder temporary_;
  const std::filesystem::path folder_ = temporary_.path();
};

}  // namespace unfold
