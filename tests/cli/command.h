// Runs the program as its user would, for tests.
#pragma once

#include <sys/resource.h>
#include <sys/types.h>

#include <filesystem>
#include <string>
#include <vector>

namespace unfold {

struct Ended {
  int code = -1;  // the exit code, or 128 + the number of the signal that ended it
  std::string out;
  std::string err;
};

struct Surroundings {
  std::vector<std::string> environment;  // "NAME=value", added to the test's own
  rlim_t largest_file = RLIM_INFINITY;   // bytes; writing more fails, as on a full disk
};

/// A started program, its output going to files in `folder`.
class Command {
 public:
  Command(const std::filesystem::path& folder, const std::vector<std::string>& arguments,
          const Surroundings& surroundings = {});
  void send(int signal) const;
  Ended wait();

 private:
  std::filesystem::path folder_;
  pid_t process_;
};

}  // namespace unfold
