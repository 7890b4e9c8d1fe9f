#include "base/file.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "base/expect_error.h"
#include "base/file_size_limit.h"
#include "base/temporary_folder.h"
#include "unfold/error.h"

namespace unfold {
namespace {

namespace fs = std::filesystem;

class File : public ::testing::Test {
 protected:
  std::vector<std::string> names() const {
    std::vector<std::string> found;
    for (const auto& entry : fs::directory_iterator(folder_.path())) found.push_back(entry.path().filename().string());
    return found;
  }
  const TemporaryFolder folder_;
  const fs::path path_ = folder_.path() / "model";
};

TEST_F(File, ReadsBackEveryByteThatWasWritten) {
  std::string content;
  for (int i = 0; i < 200'000; ++i) content.push_back(static_cast<char>(i * 7));
  write_atomically(path_, content);
  EXPECT_EQ(read_file(path_), content);
  write_atomically(path_, "");
  EXPECT_EQ(read_file(path_), "");
  EXPECT_EQ(names(), std::vector<std::string>{"model"});
}

TEST_F(File, PiecesOfAnySizeArriveInOrder) {
  std::string expected;
  write_atomically(path_, [&](FileSink& sink) {
    for (const std::size_t size : {1, 70'000, 3, 65'535, 2, 65'536, 0, 10}) {
      const std::string piece(size, static_cast<char>('a' + expected.size() % 26));
      sink.write(piece);
      expected += piece;
    }
  });
  EXPECT_EQ(read_file(path_), expected);
}

TEST_F(File, ReadsPipesWhichHaveNoSize) {
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  ASSERT_EQ(::write(ends[1], "hello", 5), 5);
  ::close(ends[1]);
  EXPECT_EQ(read_file("/dev/fd/" + std::to_string(ends[0])), "hello");
  ::close(ends[0]);
}

TEST_F(File, WhatCannotBeReadIsAnErrorWithItsNameAndReason) {
  expect_error<InputError>([&] { read_file(path_); }, {path_.string(), "No such file", "check the name"});
  expect_error<InputError>([&] { read_file(folder_.path()); }, {folder_.path().string(), "Is a directory", "a file"});
}

TEST_F(File, UnreadableIsAnError) {
  if (::geteuid() == 0) GTEST_SKIP() << "the superuser may read every file";
  write_atomically(path_, "secret");
  fs::permissions(path_, fs::perms::none);
  expect_error<InputError>([&] { read_file(path_); }, {path_.string(), "Permission denied"});
}

TEST_F(File, AFullDiskLeavesThePreviousFileAndNothingElse) {
  write_atomically(path_, "previous");
  const std::string content(100'000, 'x');
  {
    const FileSizeLimit limit(50'000);
    expect_error<InputError>([&] { write_atomically(path_, content); },
                             {path_.string(), "File too large", "unchanged", "try again"});
  }
  EXPECT_EQ(read_file(path_), "previous");
  EXPECT_EQ(names(), std::vector<std::string>{"model"});
}

TEST_F(File, AFullDiskAtTheFirstWriteLeavesNothing) {
  {
    const FileSizeLimit limit(10);
    EXPECT_THROW(write_atomically(path_, "more than ten bytes"), InputError);
  }
  EXPECT_TRUE(names().empty());
}

TEST_F(File, AnExceptionOfTheWriterLeavesThePreviousFile) {
  write_atomically(path_, "previous");
  EXPECT_THROW(write_atomically(path_,
                                [](FileSink& sink) {
                                  sink.write("half");
                                  throw std::runtime_error("stop");
                                }),
               std::runtime_error);
  EXPECT_EQ(read_file(path_), "previous");
  EXPECT_EQ(names(), std::vector<std::string>{"model"});
}

TEST_F(File, WhatAKilledProcessLeftIsTakenOver) {
  std::ofstream(folder_.path() / "model.partial") << "a longer piece than the new content";
  write_atomically(path_, "new");
  EXPECT_EQ(read_file(path_), "new");
  EXPECT_EQ(names(), std::vector<std::string>{"model"});
}

TEST_F(File, ManyWritersOfOnePathLeaveOneWholeFile) {
  const auto content = [](int writer) { return std::string(100'000, static_cast<char>('a' + writer)); };
  std::vector<std::thread> writers;
  for (int writer = 0; writer < 4; ++writer) {
    writers.emplace_back([&, writer] {
      for (int i = 0; i < 5; ++i) write_atomically(path_, content(writer));
    });
  }
  for (std::thread& writer : writers) writer.join();
  const std::string found = read_file(path_);
  ASSERT_FALSE(found.empty());
  EXPECT_EQ(found, content(found[0] - 'a'));
  EXPECT_EQ(names(), std::vector<std::string>{"model"});
}

TEST_F(File, FollowsLinksAndRefusesWhatIsNoFile) {
  const fs::path link = folder_.path() / "link";
  write_atomically(path_, "previous");
  fs::create_symlink("model", link);
  write_atomically(link, "new");
  EXPECT_TRUE(fs::is_symlink(link));
  EXPECT_EQ(read_file(path_), "new");
  expect_error<InputError>([&] { write_atomically(folder_.path(), "x"); }, {folder_.path().string(), "a folder"});
  expect_error<InputError>([] { write_atomically("/dev/null", "x"); }, {"/dev/null", "device"});
}

TEST_F(File, AMissingFolderIsAnErrorThatSaysSo) {
  const fs::path missing = folder_.path() / "missing" / "model";
  expect_error<InputError>([&] { write_atomically(missing, "x"); }, {missing.string(), "No such file", "folder first"});
}

}  // namespace
}  // namespace unfold
