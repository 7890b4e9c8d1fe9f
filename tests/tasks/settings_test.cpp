// config.toml: what is written reads back as it was; mistakes name file and line.
#include "tasks/settings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "base/temporary_folder.h"
#include "unfold/error.h"

namespace unfold {
namespace {

using testing::HasSubstr;

struct Values {
  std::string cell = "lstm";
  Index hidden = 128;
  double rate = 0.1;
  bool skip = false;
  std::vector<std::string> files = {};
  std::vector<Index> sizes = {1};

  Settings settings() {
    return joined({grouped("Network", {{"cell", "the cell", &cell}, {"hidden", "units", &hidden}}),
                   grouped("Others", {{"rate", "a rate", &rate},
                                      {"skip", "a flag", &skip},
                                      {"files", "texts", &files},
                                      {"sizes", "numbers", &sizes}})});
  }
};

class ConfigFile : public testing::Test {
 protected:
  std::filesystem::path write(const std::string& text) {
    std::ofstream(file_) << text;
    return file_;
  }
  std::string error_of(const std::string& text) {
    try {
      read_config(write(text), "lm", values_.settings(), {});
    } catch (const InputError& error) {
      return error.what();
    }
    return "no error";
  }

  Values values_;
  const TemporaryFolder temporary_;
  const std::filesystem::path file_ = temporary_.path() / "settings.toml";
};

TEST_F(ConfigFile, ReadsBackWhatWasWritten) {
  Values written{.cell = "quote \" backslash \\ new\nline π",
                 .hidden = -3,
                 .rate = 0.1 + 0.2,
                 .skip = true,
                 .files = {"a, b", "c"},
                 .sizes = {5, 7}};
  read_config(write(config_text("lm", written.settings())), "lm", values_.settings(), {});
  EXPECT_EQ(values_.cell, written.cell);
  EXPECT_EQ(values_.hidden, written.hidden);
  EXPECT_EQ(values_.rate, written.rate);
  EXPECT_EQ(values_.skip, written.skip);
  EXPECT_EQ(values_.files, written.files);
  EXPECT_EQ(values_.sizes, written.sizes);
}

TEST_F(ConfigFile, OneValueNeedsNoBracketsToBeAList) {
  read_config(write("files = 'a'\nsizes = 3"), "lm", values_.settings(), {});
  EXPECT_THAT(values_.files, testing::ElementsAre("a"));
  EXPECT_THAT(values_.sizes, testing::ElementsAre(3));
}

TEST_F(ConfigFile, WholeFloatsStayFloatsAndGroupsAreHeadings) {
  Values written{.rate = 2};
  EXPECT_THAT(config_text("lm", written.settings()), HasSubstr("\n# Others\nrate = 2.0\n"));
}

TEST_F(ConfigFile, AWholeNumberIsFineForAFloat) {
  read_config(write("rate = 1"), "lm", values_.settings(), {});
  EXPECT_EQ(values_.rate, 1.0);
}

TEST_F(ConfigFile, GivenSettingsWin) {
  read_config(write("hidden = 7\ncell = 'gru'"), "lm", values_.settings(), {"hidden"});
  EXPECT_EQ(values_.hidden, 128);
  EXPECT_EQ(values_.cell, "gru");
}

TEST_F(ConfigFile, UnknownNameGetsASuggestion) {
  EXPECT_THAT(error_of("\nhiden = 7"), testing::AllOf(HasSubstr("settings.toml:2:"), HasSubstr("hidden")));
}

TEST_F(ConfigFile, WrongTypesAndTasksAreErrors) {
  EXPECT_THAT(error_of("hidden = 'many'"), HasSubstr("'hidden' expects a whole number"));
  EXPECT_THAT(error_of("hidden = 1.5"), HasSubstr("'hidden' expects a whole number"));
  EXPECT_THAT(error_of("skip = 1"), HasSubstr("'skip' expects true or false"));
  EXPECT_THAT(error_of("sizes = [1, 'two']"), HasSubstr("'sizes' expects whole numbers"));
  EXPECT_THAT(error_of("cell = 3"), HasSubstr("'cell' expects a text"));
  EXPECT_THAT(error_of("task = 'tag'"), HasSubstr("expected task = \"lm\""));
  EXPECT_THAT(error_of("hidden = = 2"), HasSubstr("settings.toml:1:"));
}

TEST_F(ConfigFile, AMissingFileIsAnError) {
  EXPECT_THROW(read_config("nowhere/config.toml", "lm", values_.settings(), {}), InputError);
}

}  // namespace
}  // namespace unfold
