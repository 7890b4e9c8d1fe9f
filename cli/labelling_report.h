// How measurements of labels are printed.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "tasks/metrics/labelling_metrics.h"
#include "unfold/labels.h"

namespace unfold::cli {

/// Accuracy and the like in a line; then a table of labels, and of whole sequences the confusion matrix.
void print_metrics(const ClassificationMetrics& metrics, const Labels& labels);
void print_metrics(const TaggingMetrics& metrics, const Labels& labels);

/// In a line.
std::string summary(const ClassificationMetrics& metrics);
std::string summary(const TaggingMetrics& metrics);

nlohmann::ordered_json to_json(const ClassificationMetrics& metrics, const Labels& labels);
nlohmann::ordered_json to_json(const TaggingMetrics& metrics, const Labels& labels);

/// Each on a line of standard error.
void print_remarks(const std::vector<std::string>& remarks);

}  // namespace unfold::cli
