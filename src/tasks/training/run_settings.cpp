#include "tasks/training/run_settings.h"

#include <fmt/core.h>

#include "unfold/error.h"

namespace unfold {

std::string whole_path(const std::string& file) {
  return file == "-" ? file : std::filesystem::absolute(file).lexically_normal().string();
}

void expect_unchanged(const Settings& wanted, const Settings& recorded, const std::set<std::string>& given,
                      const std::filesystem::path& config) {
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    const std::string& name = wanted[i].name;
    if (!given.contains(name) || name == "threads" || value_text(wanted[i]) == value_text(recorded[i])) continue;
    throw UsageError(
        fmt::format("--{} {} differs from the run's own {} ({}); a run continues with its own settings, "
                    "so leave the option out or start another run",
                    name, value_text(wanted[i]), value_text(recorded[i]), config.string()));
  }
}

std::set<std::string> with_lengths(std::set<std::string> given) {
  if (given.contains("steps") || given.contains("epochs") || given.contains("minutes")) {
    given.insert({"steps", "epochs", "minutes"});
  }
  return given;
}

}  // namespace unfold
