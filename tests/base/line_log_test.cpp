#include "base/line_log.h"

#include <gtest/gtest.h>

#include <fstream>
#include <string>

#include "base/expect_error.h"
#include "base/file.h"
#include "base/file_size_limit.h"
#include "base/temporary_folder.h"
#include "unfold/error.h"

namespace unfold {
namespace {

TEST(LineLog, AppendsAcrossOpenings) {
  const TemporaryFolder folder;
  const auto path = folder.path() / "log.jsonl";
  {
    LineLog log(path);
    log.append("one");
    EXPECT_EQ(read_file(path), "one\n");
    log.append("");
  }
  LineLog(path).append("two");
  EXPECT_EQ(read_file(path), "one\n\ntwo\n");
}

TEST(LineLog, CutsOffALineThatWasNeverFinished) {
  const TemporaryFolder folder;
  const auto path = folder.path() / "log.jsonl";
  std::ofstream(path) << "one\n{\"step\": 1";
  LineLog(path).append("two");
  EXPECT_EQ(read_file(path), "one\ntwo\n");
  std::ofstream(path) << "no line end at all";
  LineLog(path).append("three");
  EXPECT_EQ(read_file(path), "three\n");
}

TEST(LineLog, AFullDiskKeepsTheLinesBefore) {
  const TemporaryFolder folder;
  const auto path = folder.path() / "log.jsonl";
  LineLog log(path);
  log.append("one");
  {
    const FileSizeLimit limit(8);
    expect_error<InputError>([&] { log.append("twenty characters..."); }, {path.string(), "File too large"});
  }
  EXPECT_EQ(read_file(path), "one\n");
  log.append("two");
  EXPECT_EQ(read_file(path), "one\ntwo\n");
}

TEST(LineLog, RefusesTwoLinesInOneAndFoldersAsFiles) {
  const TemporaryFolder folder;
  LineLog log(folder.path() / "log.jsonl");
  EXPECT_THROW(log.append("one\ntwo"), ContractError);
  EXPECT_THROW(LineLog{folder.path()}, InputError);
}

}  // namespace
}  // namespace unfold
