// What the model writes by itself as it learns: kept in the run's folder, one file a sample, and shown to whoever wants
// to see it.
#pragma once

#include "tasks/language_model/language_model.h"
#include "tasks/language_model/trainee.h"

namespace unfold {

class Samples {
 public:
  /// Everything outlives the samples.
  Samples(LanguageModelTrainee& trainee, const LanguageModelData& data, const LanguageModelSettings& settings,
          const RunDirectory& run, const LanguageModelHooks& hooks);

  /// To be called before the first step and after each: there is a sample at 0, then whenever the number of steps has
  /// doubled, and at the end. What a sample says depends on the step alone, so a resumed run repeats none differently.
  void look(Index step) const;

 private:
  bool due(Index step) const;
  /// How the model continues the beginning of the validation text. (Without any text it would begin with a state that
  /// training rarely meets.)
  std::string write(Index length) const;

  LanguageModelTrainee& trainee_;
  const LanguageModelData& data_;
  const RunDirectory& run_;
  const LanguageModelHooks& hooks_;
  Index kept_length_;
  std::uint64_t seed_;
  Index first_;
  Index last_;
};

}  // namespace unfold
