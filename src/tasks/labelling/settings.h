// The settings that all tasks on labelled sequences share: which files, and how they are read and divided.
#pragma once

#include <string>
#include <vector>

#include "tasks/settings.h"
#include "unfold/sequences.h"

namespace unfold {

/// How files are read. What is left empty, or negative, is the model's or the format's own default.
struct ReadingSettings {
  std::string format;
  std::string label;
  std::string text;
  std::vector<std::string> values;
  std::string sequence;
  std::string time;
  std::string part;
  bool pixels = false;
  Index shrink = -1;
  Index permute = -1;
  std::string labels;

  Settings list();
  /// `defaults` with what is set here in its place.
  ReadOptions over(ReadOptions defaults) const;
};

/// Which files, and which part of them is held out.
struct LabelledDataSettings {
  std::vector<std::string> data;
  std::vector<std::string> valid;
  double held_out = 0.1;
  bool deduplicate = false;
  Index seed = 1;
  ReadingSettings reading;

  Settings list();
};

/// Gives the files that the settings name, and `cell` where it is one, their whole paths.
void make_paths_whole(LabelledDataSettings& data, std::string& cell);

}  // namespace unfold
