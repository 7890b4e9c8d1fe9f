#include "cli/command.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <stdexcept>

#include "base/file.h"

namespace unfold {
namespace {

void redirect(const std::filesystem::path& file, int descriptor) {
  const int opened = open(file.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0666);
  if (opened < 0 || dup2(opened, descriptor) < 0) _exit(126);
}

[[noreturn]] void become(const std::filesystem::path& folder, const std::vector<std::string>& arguments,
                         const Surroundings& surroundings) {
  redirect(folder / "out", STDOUT_FILENO);
  redirect(folder / "err", STDERR_FILENO);
  close(STDIN_FILENO);
  for (const std::string& entry : surroundings.environment) {
    const std::size_t equals = entry.find('=');
    setenv(entry.substr(0, equals).c_str(), entry.substr(equals + 1).c_str(), 1);
  }
  if (surroundings.largest_file != RLIM_INFINITY) {
    std::signal(SIGXFSZ, SIG_IGN);  // so that the write fails instead
    const rlimit limit = {surroundings.largest_file, surroundings.largest_file};
    setrlimit(RLIMIT_FSIZE, &limit);
  }
  std::vector<std::string> words = {UNFOLD_COMMAND};
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::vector<char*> pointers;
  for (std::string& word : words) pointers.push_back(word.data());
  pointers.push_back(nullptr);
  execv(UNFOLD_COMMAND, pointers.data());
  _exit(127);
}

}  // namespace

Command::Command(const std::filesystem::path& folder, const std::vector<std::string>& arguments,
                 const Surroundings& surroundings)
    : folder_(folder), process_(fork()) {
  if (process_ < 0) throw std::runtime_error("fork failed");
  if (process_ == 0) become(folder, arguments, surroundings);
}

void Command::send(int signal) const { kill(process_, signal); }

Ended Command::wait() {
  int status = 0;
  waitpid(process_, &status, 0);
  return {.code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status),
          .out = read_file(folder_ / "out"),
          .err = read_file(folder_ / "err")};
}

}  // namespace unfold
