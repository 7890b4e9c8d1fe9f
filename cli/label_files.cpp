#include "label_files.h"

#include <fmt/core.h>

#include <cstdio>
#include <nlohmann/json.hpp>

#include "labelling_report.h"
#include "tasks/labelling/evaluate.h"
#include "tasks/labelling/predict.h"
#include "verb.h"

namespace unfold::cli {

int evaluate_labels(const std::string& model, const std::vector<std::string>& data, const ReadingSettings& reading,
                    bool json) {
  LoadedLabellingModel loaded = load_labelling_model(model);
  const LabellingEvaluation evaluation = evaluate_labelling(loaded, data, reading.over(loaded.reading.options));
  std::visit(
      [&](const auto& metrics) {
        if (json) {
          fmt::print("{}\n", to_json(metrics, evaluation.labels).dump());
        } else {
          print_metrics(metrics, evaluation.labels);
        }
      },
      evaluation.metrics);
  return kDone;
}

int predict_labels(const std::string& model, const std::string& data, const ReadingSettings& reading, bool scores) {
  LoadedLabellingModel loaded = load_labelling_model(model);
  const auto write = [&](std::string_view bytes) {
    std::fwrite(bytes.data(), 1, bytes.size(), stdout);
    if (data == "-") std::fflush(stdout);
  };
  unfold::predict_labels(loaded, data, reading.over(loaded.reading.options), scores, write);
  return kDone;
}

}  // namespace unfold::cli
