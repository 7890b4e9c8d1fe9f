// The settings of the task `lm`, in groups; each group lists its own options.
#pragma once

#include <string>
#include <vector>

#include "tasks/training/settings.h"

namespace unfold {

/// What is read, and in what portions.
struct TextSettings {
  std::vector<std::string> data;
  std::vector<std::string> valid;
  std::string include;
  double held_out = 0.1;
  std::string level = "char";
  Index vocabulary = kAutomatic;
  Index min_count = 1;
  std::string document_separator;
  bool lines = false;
  Index batch = 32;
  Index unroll = 64;
  bool unroll_jitter = false;

  Settings list();
};

/// What is computed.
struct NetworkSettings : LayerSettings {
  Index embed = kAutomatic;
  bool tie_weights = false;
  std::string softmax = "full";
  std::string cutoffs = "automatic";

  Settings list();
};

struct LanguageRegularisationSettings : RegularisationSettings {
  double activation_penalty = 0;
  double temporal_penalty = 0;

  Settings list();
};

struct LanguageLengthSettings : LengthSettings {
  Index keep_samples = 300;

  Settings list();
};

struct LanguageModelSettings {
  TextSettings text;
  NetworkSettings network;
  LanguageRegularisationSettings regularisation;
  OptimizerSettings optimizer;
  LanguageLengthSettings length;
  RecoverySettings recovery;
  ExecutionSettings execution;
  Index seed = 1;

  static constexpr const char* kTask = "lm";

  /// All of them under their names on the command line.
  Settings list();
  LanguageModelSettings with_whole_paths() const;
};

}  // namespace unfold
