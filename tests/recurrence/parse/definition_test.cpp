#include "recurrence/parse/definition.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "base/temporary_folder.h"
#include "recurrence/cell_text.h"

namespace unfold {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;

std::string load_error(const std::string& name) {
  try {
    Cell::load(name);
  } catch (const InputError& error) {
    return error.what();
  }
  return "no error";
}

class CellFile : public ::testing::Test {
 protected:
  void write(const std::string& text) const { std::ofstream(path_) << text; }
  TemporaryFolder folder_;  // of its own: tests run side by side
  const std::string path_ = (folder_.path() / "unfold_definition_test.cell").string();
};

TEST(CellLoad, ShippedOnesAreListedInOrder) {
  const auto names = shipped_cells();
  EXPECT_TRUE(std::ranges::is_sorted(names));
  EXPECT_THAT(names, Contains("lstm"));
  EXPECT_EQ(shipped_cell_source("no_such_cell"), "");
}

TEST(CellLoad, EveryShippedCellIsCalledLikeItsFile) {
  for (const std::string& name : shipped_cells()) {
    const Cell cell = Cell::load(name);
    EXPECT_EQ(cell.name(), name);
    EXPECT_EQ(cell.source(), shipped_cell_source(name));
    EXPECT_EQ(cell.options(), "");
  }
}

TEST(CellLoad, WithOptions) {
  const Cell cell = Cell::load("lstm_plain (update = relu)");
  EXPECT_EQ(cell.name(), "lstm_plain");
  EXPECT_EQ(cell.options(), "update = relu");
  const Cell again = Cell::parse(cell.source(), "again", cell.options());
  EXPECT_EQ(again.definition().syntax.options[1].function, recurrence::Builtin::kRelu);
  EXPECT_THAT(load_error("lstm_plain(updat = relu)"), HasSubstr("did you mean 'update'?"));
  EXPECT_THAT(load_error("lstm(update = relu)"), HasSubstr("it has none"));
}

TEST(CellLoad, UnknownNamesProposeTheNearest) {
  EXPECT_THAT(load_error("lsmt"), HasSubstr("did you mean 'lstm'?"));
  EXPECT_THAT(load_error("transformer"), HasSubstr("shipped cells: deep_input"));
  EXPECT_THAT(load_error(""), HasSubstr("there is no shipped cell ''"));
  EXPECT_THAT(load_error("(a)"), HasSubstr("there is no shipped cell"));
}

TEST_F(CellFile, IsReadByItsName) {
  write("cell mine(n = 4)\ninput x\nstate h[n]\nh' = tanh(W h + U x)\noutput h'\n");
  const Cell cell = Cell::load(path_ + "(n = 6)");
  EXPECT_EQ(cell.name(), "mine");
  EXPECT_EQ(recurrence::build_graph(cell.definition(), recurrence::kOddSizes).states[0].shape, (Shape{6}));
}

TEST_F(CellFile, MistakesNameTheFile) {
  write("cell mine\ninput x\noops\n");
  EXPECT_THAT(load_error(path_), HasSubstr(path_ + ":3:5: unexpected the end of the line"));
}

TEST_F(CellFile, MustBeReadable) {
  EXPECT_THAT(load_error(path_), HasSubstr("there is no such file"));
  EXPECT_THAT(load_error(testing::TempDir()), HasSubstr("is a directory"));
  write("");
  EXPECT_THAT(load_error(path_), HasSubstr("cell NAME"));
}

}  // namespace
}  // namespace unfold
