// Which files a list of names means.
#include <fmt/format.h>
#include <fnmatch.h>
#include <glob.h>

#include <algorithm>
#include <filesystem>

#include "unfold/error.h"
#include "unfold/text.h"

namespace unfold {
namespace {

namespace fs = std::filesystem;

constexpr const char* kStandardInput = "-";

bool matches(const std::string& name, std::string_view patterns) {
  if (patterns.empty()) return true;
  for (std::size_t begin = 0; begin <= patterns.size();) {
    const std::size_t end = std::min(patterns.find(',', begin), patterns.size());
    const std::string pattern(patterns.substr(begin, end - begin));
    if (::fnmatch(pattern.c_str(), name.c_str(), 0) == 0) return true;
    begin = end + 1;
  }
  return false;
}

void append_folder(const fs::path& folder, std::string_view include, std::vector<std::string>& files) {
  std::vector<std::string> found;
  std::error_code error;
  for (fs::recursive_directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
    const std::string name = at->path().filename().string();
    if (name.starts_with('.')) {
      at.disable_recursion_pending();
    } else if (at->is_regular_file() && matches(name, include)) {
      found.push_back(at->path().string());
    }
  }
  if (error) throw InputError(fmt::format("cannot read the folder '{}': {}", folder.string(), error.message()));
  if (found.empty()) {
    throw InputError(fmt::format("the folder '{}' holds no file{}; hidden files are left out", folder.string(),
                                 include.empty() ? "" : fmt::format(" that matches '{}'", include)));
  }
  std::sort(found.begin(), found.end());
  files.insert(files.end(), found.begin(), found.end());
}

void append_path(const std::string& path, std::string_view include, std::vector<std::string>& files) {
  if (fs::is_directory(path)) return append_folder(path, include, files);
  files.push_back(path);
}

void append_matches(const std::string& pattern, std::string_view include, std::vector<std::string>& files) {
  glob_t found{};
  const int outcome = ::glob(pattern.c_str(), 0, nullptr, &found);
  const std::vector<std::string> paths(found.gl_pathv, found.gl_pathv + found.gl_pathc);
  ::globfree(&found);
  if (outcome != 0 || paths.empty()) {
    throw InputError(fmt::format("no file matches '{}'; check the pattern", pattern));
  }
  for (const std::string& path : paths) append_path(path, include, files);
}

}  // namespace

std::vector<std::string> text_files(std::span<const std::string> names, std::string_view include) {
  if (std::count(names.begin(), names.end(), kStandardInput) > 1) {
    throw UsageError("the standard input, '-', can be read only once");
  }
  std::vector<std::string> files;
  for (const std::string& name : names) {
    const bool pattern = name.find_first_of("*?[") != std::string::npos && !fs::exists(name);
    pattern ? append_matches(name, include, files) : append_path(name, include, files);
  }
  return files;
}

}  // namespace unfold
