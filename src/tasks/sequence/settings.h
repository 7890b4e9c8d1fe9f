// The settings of the task `sequence`, in groups.
#pragma once

#include "tasks/labelling/settings.h"
#include "tasks/training/settings.h"

namespace unfold {

/// What is predicted, and how many steps stand in a batch.
struct PredictionSettings {
  std::string target = "automatic";
  std::vector<std::string> targets;
  Index batch = kAutomatic;
  Index transpose = 0;

  Settings list();
};

struct SequenceNetworkSettings : LayerSettings {
  SequenceNetworkSettings() {
    hidden = "200";
    usual_layers = 1;
  }
  bool bidirectional = false;

  Settings list();
};

struct SequenceSettings {
  LabelledDataSettings data;
  PredictionSettings prediction;
  SequenceNetworkSettings network;
  RegularisationSettings regularisation;
  OptimizerSettings optimizer;
  LengthSettings length;
  RecoverySettings recovery;
  ExecutionSettings execution;

  static constexpr const char* kTask = "sequence";

  /// All of them under their names on the command line.
  Settings list();
  SequenceSettings with_whole_paths() const;
};

}  // namespace unfold
