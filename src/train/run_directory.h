// The folder of a training run: which files it holds, and when one may be written.
#pragma once

#include <filesystem>

namespace unfold {

/// What to do where the folder already holds a run.
enum class ExistingRun { kRefuse, kResume, kOverwrite };

class RunDirectory {
 public:
  /// Throws InputError where `path` is no folder and cannot become one, or holds a run and `existing` is kRefuse.
  /// Changes nothing but creating the folder.
  RunDirectory(std::filesystem::path path, ExistingRun existing);

  std::filesystem::path model() const { return path_ / "model.safetensors"; }  // the best by validation
  std::filesystem::path last() const { return path_ / "last.safetensors"; }    // everything needed to continue
  std::filesystem::path config() const { return path_ / "config.toml"; }       // every setting; marks that a run began
  std::filesystem::path log() const { return path_ / "log.jsonl"; }

  /// True if a run began here and is to be continued.
  bool resumes() const { return resumes_; }
  /// Removes the files of the run that is to be overwritten, if there is one.
  void clear() const;

 private:
  std::filesystem::path path_;
  bool resumes_ = false;
};

}  // namespace unfold
