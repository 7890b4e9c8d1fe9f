// Whatever is wrong with the input: exit code 1 or 2, a message that says what and where, nothing lost.
#include "cli/run_test.h"

namespace unfold {
namespace {

using testing::AllOf;
using testing::AnyOf;
using testing::HasSubstr;
using testing::Not;

class BadInput : public RunTest {
 protected:
  /// Expects exit code 1, and one message with all of `parts`.
  void expect_refused(const Ended& ended, const std::vector<std::string>& parts) {
    EXPECT_EQ(ended.code, 1) << ended.err;
    EXPECT_THAT(ended.err, testing::StartsWith("unfold: "));
    for (const std::string& part : parts) EXPECT_THAT(ended.err, HasSubstr(part));
    EXPECT_EQ(ended.out, "");
  }
  void expect_data_refused(const std::string& file, const std::string& reason) {
    expect_refused(run({"train", "lm", "--data", file, "--out", path("run"), "--steps", "2", "--quiet"}),
                   {file, reason});
    EXPECT_FALSE(std::filesystem::exists(path("run/config.toml"))) << "a run must not begin on bad data";
  }
};

TEST_F(BadInput, MissingData) { expect_data_refused(path("nowhere.txt"), "No such file"); }

TEST_F(BadInput, EmptyData) {
  write_atomically(path("empty.txt"), "");
  expect_data_refused(path("empty.txt"), "empty");
}

TEST_F(BadInput, OneCharacter) {
  write_atomically(path("one.txt"), "a");
  expect_data_refused(path("one.txt"), "found 0 and 1");
}

TEST_F(BadInput, InvalidUtf8) {
  write_atomically(path("latin1.txt"), "line one\nna\xefve caf\xe9\n");
  expect_data_refused(path("latin1.txt"), "UTF-8");
}

TEST_F(BadInput, BytesNeedNoUtf8) {
  write_atomically(text(), sentences() + "\xef\xe9 ");
  done(training("run", 2, {"--level", "byte"}));
}

TEST_F(BadInput, AFolderWithoutFiles) {
  std::filesystem::create_directory(path("empty"));
  expect_data_refused(path("empty"), "holds no file");
}

TEST_F(BadInput, AnUnseenSymbolInThePrompt) {
  done(training("run", 2));
  expect_refused(run({"generate", path("run"), "--prompt", "the \u00e9"}), {"\u00e9"});
}

TEST_F(BadInput, AnUnseenSymbolInTheDataOfAnEvaluation) {
  done(training("run", 2));
  write_atomically(path("other.txt"), "the \u03c0 is new.\nthe cat sees the sea.\n");
  expect_refused(run({"evaluate", path("run"), "--data", path("other.txt")}), {"\u03c0"});
}

TEST_F(BadInput, DamagedModels) {
  done(training("run", 2));
  const std::string model = read_file(path("run/model.safetensors"));

  write_atomically(path("cut.safetensors"), model.substr(0, model.size() - 5));
  expect_refused(run({"generate", path("cut.safetensors")}), {"cut.safetensors"});

  std::string flipped = model;
  flipped[flipped.size() - 40] = static_cast<char>(flipped[flipped.size() - 40] ^ 0x10);
  write_atomically(path("flipped.safetensors"), flipped);
  expect_refused(run({"generate", path("flipped.safetensors")}), {"flipped.safetensors"});

  const std::string header = "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}";
  const char length[8] = {static_cast<char>(header.size()), 0, 0, 0, 0, 0, 0, 0};
  write_atomically(path("foreign.safetensors"), std::string(length, 8) + header + std::string(4, '\0'));
  expect_refused(run({"evaluate", path("foreign.safetensors"), "--data", text()}), {"foreign.safetensors"});

  write_atomically(path("text.safetensors"), "this is no model at all, only some text");
  expect_refused(run({"generate", path("text.safetensors")}), {"text.safetensors"});
  expect_refused(run({"generate", path("nothing.safetensors")}), {"nothing.safetensors"});
}

TEST_F(BadInput, ADamagedCheckpointIsNotContinued) {
  done(training("run", 4));
  const std::string last = read_file(path("run/last.safetensors"));
  write_atomically(path("run/last.safetensors"), last.substr(0, last.size() / 2));
  expect_refused(run({"train", "lm", "--out", path("run"), "--resume", "--quiet"}), {"last.safetensors"});
}

TEST_F(BadInput, AnExistingRunIsNeitherTouchedNorContinuedUnasked) {
  done(training("run", 3));
  const std::string model = read_file(path("run/model.safetensors"));
  expect_refused(run(training("run", 5)), {path("run"), "--resume", "--overwrite"});
  EXPECT_EQ(read_file(path("run/model.safetensors")), model);

  // Overwriting with bad data loses nothing either.
  std::filesystem::remove(text());
  EXPECT_EQ(run(training("run", 5, {"--overwrite"})).code, 1);
  EXPECT_EQ(read_file(path("run/model.safetensors")), model);

  write_atomically(text(), sentences());
  done(training("run", 5, {"--overwrite"}));
  EXPECT_NE(read_file(path("run/model.safetensors")), model);
}

TEST_F(BadInput, ContinuingWithOtherSettingsIsRefused) {
  done(training("run", 3));
  const Ended ended = run({"train", "lm", "--out", path("run"), "--resume", "--hidden", "13", "--quiet"});
  EXPECT_NE(ended.code, 0);
  EXPECT_THAT(ended.err, AllOf(HasSubstr("hidden"), HasSubstr("12"), HasSubstr("13")));
}

TEST_F(BadInput, ContinuingOnAnotherTextIsRefused) {
  done(training("run", 3));
  write_atomically(text(), sentences() + "the end.\n");
  expect_refused(run({"train", "lm", "--out", path("run"), "--resume", "--quiet"}), {text()});
}

TEST_F(BadInput, AFullDiskWhileSavingKeepsThePreviousCheckpoint) {
  done(training("run", 20, {"--validate-every", "10"}));
  const std::string model = read_file(path("run/model.safetensors"));
  const std::string last = read_file(path("run/last.safetensors"));
  std::filesystem::copy(path("run"), path("full"));
  // 10 steps more than the checkpoint has: as if the run had been interrupted there.
  std::string config = read_file(path("full/config.toml"));
  const std::size_t at = config.find("steps = 20");
  ASSERT_NE(at, std::string::npos);
  write_atomically(path("full/config.toml"), config.replace(at, 10, "steps = 30"));

  const Ended ended =
      run({"train", "lm", "--out", path("full"), "--resume", "--quiet"}, {.environment = {}, .largest_file = 4096});
  expect_refused(ended, {});
  EXPECT_THAT(ended.err, AnyOf(HasSubstr("File too large"), HasSubstr("No space")));
  EXPECT_EQ(read_file(path("full/model.safetensors")), model);
  EXPECT_EQ(read_file(path("full/last.safetensors")), last);
  done({"generate", path("full"), "--length", "5"});
}

TEST_F(BadInput, CellFilesWithMistakes) {
  const std::vector<std::pair<std::string, std::string>> cells = {
      {"cell a\ninput x\nstate h\nh' = tanh(W x + U h\noutput h'\n", "never closed"},
      {"cell b\ninput x\nstate h\nh' = tahn(W x + U h)\noutput h'\n", "tanh"},
      {"cell c\ninput x\nstate h, c\nh' = tanh(W x + U h)\noutput h'\n", "c"},
      {"cell d\ninput x\nstate h\nunused = W_a x\nh' = tanh(W x + U h)\noutput h'\n", "unused"},
      {"cell e\ninput x\nstate h\nh' = tanh(W x + U h) $ 3\noutput h'\n", "$"},
      {"", "cell"},
      {std::string("\x00\xff\xfe", 3), ""},
  };
  for (const auto& [source, part] : cells) {
    write_atomically(path("bad.cell"), source);
    for (const std::vector<std::string>& words : std::vector<std::vector<std::string>>{
             {"cells", path("bad.cell")},
             {"explain", path("bad.cell")},
             {"check", path("bad.cell")},
             {"train", "lm", "--data", text(), "--out", path("run"), "--cell", path("bad.cell"), "--steps", "1"}}) {
      expect_refused(run(words), {"bad.cell", part});
    }
  }
  EXPECT_FALSE(std::filesystem::exists(path("run/config.toml")));
  expect_refused(run({"cells", "lstn"}), {"lstn", "lstm"});
}

}  // namespace
}  // namespace unfold
