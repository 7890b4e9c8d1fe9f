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

  Settings settings() {
    return {{"cell", "the cell", &cell}, {"hidden", "units", &hidden}, {"rate", "a rate", &rate, "measured"}};
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
  Values written{.cell = "quote \" backslash \\ new\nline π", .hidden = -3, .rate = 0.1 + 0.2};
  read_config(write(config_text("lm", written.settings())), "lm", values_.settings(), {});
  EXPECT_EQ(values_.cell, written.cell);
  EXPECT_EQ(values_.hidden, written.hidden);
  EXPECT_EQ(values_.rate, written.rate);
}

TEST_F(ConfigFile, WholeFloatsStayFloatsAndRemarksAreComments) {
  Values written{.rate = 2};
  EXPECT_THAT(config_text("lm", written.settings()), HasSubstr("rate = 2.0  # measured\n"));
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
  EXPECT_THAT(error_of("cell = 3"), HasSubstr("'cell' expects a text"));
  EXPECT_THAT(error_of("task = 'tag'"), HasSubstr("expected task = \"lm\""));
  EXPECT_THAT(error_of("hidden = = 2"), HasSubstr("settings.toml:1:"));
}

TEST_F(ConfigFile, AMissingFileIsAnError) {
  EXPECT_THROW(read_config("nowhere/config.toml", "lm", values_.settings(), {}), InputError);
}

}  // namespace
}  // namespace unfold
