// The settings of the task `classify`.
#pragma once

#include <string>

#include "tasks/labelling/settings.h"
#include "tasks/training/settings.h"

namespace unfold {

/// How texts become symbols, and how many steps stand in a batch.
struct SymbolSettings {
  std::string level = "automatic";
  Index vocabulary = 0;
  Index min_count = kAutomatic;
  Index batch = kAutomatic;

  Settings list();
};

struct ClassifierNetworkSettings : LayerSettings {
  ClassifierNetworkSettings() {
    hidden = "128";
    usual_layers = 1;
  }
  Index embed = kAutomatic;
  Index window = 0;
  bool bidirectional = false;
  std::string pooling = "max";

  Settings list();
};

struct ClassifierSettings {
  ClassifierSettings() { regularisation.output_dropout = "0.3"; }

  LabelledDataSettings data;
  SymbolSettings symbols;
  ClassifierNetworkSettings network;
  RegularisationSettings regularisation;
  bool class_weights = false;
  OptimizerSettings optimizer;
  LengthSettings length;
  RecoverySettings recovery;
  ExecutionSettings execution;

  static constexpr const char* kTask = "classify";
  /// All of them under their names on the command line.
  Settings list();
  ClassifierSettings with_whole_paths() const;
};

}  // namespace unfold
