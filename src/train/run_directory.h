// The folder of a training run: which files it holds, and when one may be written.
#pragma once

#include <filesystem>
#include <string>

namespace unfold {

/// What to do where the folder already holds a run.
enum class ExistingRun { kRefuse, kResume, kOverwrite };

class RunDirectory {
 public:
  /// Throws InputError where `path` is something else than a folder, or holds a run and `existing` is kRefuse.
  /// Changes nothing.
  RunDirectory(std::filesystem::path path, ExistingRun existing);

  std::filesystem::path model() const { return path_ / "model.safetensors"; }  // the best by validation
  std::filesystem::path last() const { return path_ / "last.safetensors"; }    // everything needed to continue
  std::filesystem::path rollback() const {  // the state to which a run that diverges goes back
    return path_ / "rollback.safetensors";
  }
  std::filesystem::path text() const { return path_ / "text"; }           // a folder: the text as tokens
  std::filesystem::path config() const { return path_ / "config.toml"; }  // every setting; marks that a run began
  std::filesystem::path log() const { return path_ / "log.jsonl"; }

  std::filesystem::path samples() const { return path_ / "samples"; }  // a file per sample, named by its step
  /// Where events of the name are to be written; those of an earlier sitting are removed.
  std::filesystem::path new_events(const std::string& name) const;

  /// True if a run began here and is to be continued.
  bool resumes() const { return resumes_; }
  /// To be called when all input is known to be good: creates the folder, or removes the run that is to be overwritten.
  void begin() const;

 private:
  std::filesystem::path path_;
  bool resumes_ = false;
};

}  // namespace unfold
