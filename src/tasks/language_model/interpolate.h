// Linear interpolation of models of text: p(w) = sum over the models of weight p_model(w) (Jelinek & Mercer 1980).
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "tasks/language_model/language_model.h"
#include "unfold/data.h"
#include "unfold/text_model.h"

namespace unfold {

struct WeightedModel {
  std::string name;
  double weight = 0;
  std::unique_ptr<TextModel> model;
};

/// `first`, and the models of settings.mix with their weights; what these leave is the first one's. Throws UsageError
/// for a weight that is no number above 0 or a sum of 1 or more, InputError for a model of another vocabulary.
std::vector<WeightedModel> mixed_models(const EvaluationSettings& settings, std::unique_ptr<TextModel> first,
                                        const Vocabulary& vocabulary);

/// log p of every prediction of the batches, window after window.
std::vector<float> score_all(TextModel& model, const EvaluationBatches& batches);
double sum(const std::vector<float>& values);

/// Mean nats of the interpolation; fills `alone` with what each model reaches by itself.
double interpolate(const std::vector<WeightedModel>& models, const EvaluationBatches& batches,
                   std::vector<MixedModel>& alone);

}  // namespace unfold
