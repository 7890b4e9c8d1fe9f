// Reading lines as they come.
#include "base/line_reader.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <thread>

#include "base/expect_error.h"
#include "base/file.h"
#include "base/temporary_folder.h"
#include "unfold/error.h"

namespace unfold {
namespace {

using Lines = std::vector<std::string>;

Lines all_lines(const std::string& name) {
  LineReader reader(name);
  Lines all;
  while (const auto lines = reader.next()) all.insert(all.end(), lines->begin(), lines->end());
  return all;
}

TEST(LineReader, LinesWithAndWithoutAnEnd) {
  const TemporaryFolder folder;
  const std::string file = (folder.path() / "text").string();
  const auto lines_of = [&](const std::string& content) {
    write_atomically(file, content);
    return all_lines(file);
  };
  EXPECT_EQ(lines_of(""), Lines{});
  EXPECT_EQ(lines_of("\n"), Lines{""});
  EXPECT_EQ(lines_of("one\n\nthree\n"), (Lines{"one", "", "three"}));
  EXPECT_EQ(lines_of("one\ntwo"), (Lines{"one", "two"}));
  const std::string longer(200'000, 'x');  // than a block
  EXPECT_EQ(lines_of(longer + "\n" + longer), (Lines{longer, longer}));
  Lines many;
  std::string content;
  for (int i = 0; i < 30'000; ++i) content += many.emplace_back(std::to_string(i)) + "\n";
  EXPECT_EQ(lines_of(content), many);
}

TEST(LineReader, ALineIsThereBeforeTheNextIsWritten) {
  const TemporaryFolder folder;
  const std::string pipe = (folder.path() / "pipe").string();
  ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
  int end = -1;
  {
    // Opening waits for the other side.
    std::thread opens([&] { end = open(pipe.c_str(), O_WRONLY); });
    LineReader reader(pipe);
    opens.join();
    const auto put = [&](const std::string& text) {
      ASSERT_EQ(write(end, text.data(), text.size()), static_cast<ssize_t>(text.size()));
    };
    put("one\ntw");
    EXPECT_EQ(reader.next(), Lines{"one"});
    put("o\nthree\nfour");
    EXPECT_EQ(reader.next(), (Lines{"two", "three"}));
    close(end);
    EXPECT_EQ(reader.next(), Lines{"four"});
    EXPECT_EQ(reader.next(), std::nullopt);
  }
}

TEST(LineReader, WhatCannotBeReadIsNamed) {
  expect_error<InputError>([] { LineReader("/no/such/file"); }, {"/no/such/file", "No such file"});
  const TemporaryFolder folder;
  LineReader reader(folder.path().string());
  expect_error<InputError>([&] { reader.next(); }, {folder.path().string(), "directory"});
}

}  // namespace
}  // namespace unfold
