#include "train/run_directory.h"

#include <fmt/core.h>

#include "train/event_file.h"
#include "unfold/error.h"

namespace unfold {

namespace fs = std::filesystem;

RunDirectory::RunDirectory(fs::path path, ExistingRun existing) : path_(std::move(path)) {
  if (fs::exists(path_) && !fs::is_directory(path_)) {
    throw InputError(fmt::format("{}: expected a folder for the run, found a file", path_.string()));
  }
  const bool holds_run = fs::exists(config()) || fs::exists(last()) || fs::exists(model());
  if (holds_run && existing == ExistingRun::kRefuse) {
    throw InputError(fmt::format("{}: this folder already holds a run; --resume continues it, --overwrite discards it",
                                 path_.string()));
  }
  if (holds_run && existing == ExistingRun::kResume && !fs::exists(config())) {
    throw InputError(
        fmt::format("{}: this folder holds a model but no config.toml, so it cannot be continued; "
                    "--overwrite discards it",
                    path_.string()));
  }
  resumes_ = fs::exists(config()) && existing == ExistingRun::kResume;
}

void RunDirectory::begin() const {
  std::error_code error;
  fs::create_directories(path_, error);
  if (error)
    throw InputError(fmt::format("{}: cannot create this folder for the run: {}", path_.string(), error.message()));
  if (resumes_) return;
  new_events({});
  fs::remove_all(samples());
  fs::remove_all(text());
  // The configuration goes last: as long as it is there the folder counts as a run.
  for (const fs::path& file : {log(), model(), last(), rollback(), config()}) fs::remove(file);
}

fs::path RunDirectory::new_events(const std::string& name) const {
  for (const fs::directory_entry& entry : fs::directory_iterator(path_)) {
    if (is_event_file(entry.path())) fs::remove(entry.path());
  }
  return path_ / name;
}

}  // namespace unfold
