// The settings of the task `tag`, in groups.
#pragma once

#include "tasks/labelling/settings.h"
#include "tasks/training/settings.h"

namespace unfold {

/// How words become vectors; of frames of numbers none of it counts.
struct WordSettings {
  Index embed = 100;
  Index character_embed = 32;
  Index character_hidden = 64;
  Index min_count = 1;
  double unknown_words = 0.25;

  Settings list();
};

struct TaggerNetworkSettings : LayerSettings {
  Index window = 0;
  bool crf = false;

  TaggerNetworkSettings();
  Settings list();
};

struct TaggerRegularisationSettings : RegularisationSettings {
  TaggerRegularisationSettings();
};

struct TaggerSettings {
  LabelledDataSettings data;
  Index batch = 300;
  WordSettings words;
  TaggerNetworkSettings network;
  TaggerRegularisationSettings regularisation;
  OptimizerSettings optimizer;
  LengthSettings length;
  RecoverySettings recovery;
  ExecutionSettings execution;

  static constexpr const char* kTask = "tag";

  /// All of them under their names on the command line.
  Settings list();
  TaggerSettings with_whole_paths() const;
};

}  // namespace unfold
