#include "labelling_report.h"

#include <fmt/core.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <numeric>

namespace unfold::cli {
namespace {

using nlohmann::ordered_json;

// Wider matrices are left to --json.
constexpr Index kWidestMatrix = 24;

double percent(double share) { return 100 * share; }

/// Labels that occur or were predicted, the most frequent first.
std::vector<Index> occurring(const Confusion& confusion) {
  std::vector<Index> labels;
  for (Index label = 0; label < confusion.labels(); ++label) {
    const Confusion::OfLabel of = confusion.of(label);
    if (of.occurs + of.predicted > 0) labels.push_back(label);
  }
  std::stable_sort(labels.begin(), labels.end(),
                   [&](Index a, Index b) { return confusion.of(a).occurs > confusion.of(b).occurs; });
  return labels;
}

const std::string& name(const Labels& labels, Index label) { return labels.name(static_cast<std::int32_t>(label)); }

int name_width(const Labels& labels, const std::vector<Index>& shown) {
  std::size_t width = 5;
  for (const Index label : shown) width = std::max(width, name(labels, label).size());
  return static_cast<int>(width);
}

void print_labels(const Confusion& confusion, const Labels& labels) {
  const std::vector<Index> shown = occurring(confusion);
  const int width = name_width(labels, shown);
  fmt::print("\n{:{}}  {:>8}  {:>9}  {:>6}  {:>6}\n", "label", width, "count", "precision", "recall", "F1");
  for (const Index label : shown) {
    const Confusion::OfLabel of = confusion.of(label);
    fmt::print("{:{}}  {:8}  {:8.2f}%  {:5.2f}%  {:5.2f}%\n", name(labels, label), width, of.occurs,
               percent(of.precision), percent(of.recall), percent(of.f1));
  }
}

void print_matrix(const Confusion& confusion, const Labels& labels) {
  const std::vector<Index> shown = occurring(confusion);
  if (static_cast<Index>(shown.size()) > kWidestMatrix) return;
  const int width = name_width(labels, shown);
  const int column = std::max(4, static_cast<int>(std::to_string(confusion.total()).size()));
  fmt::print("\n{:{}}", "is \\ predicted", width);
  for (const Index label : shown)
    fmt::print(" {:>{}}", name(labels, label).substr(0, static_cast<std::size_t>(column)), column);
  fmt::print("\n");
  for (const Index truth : shown) {
    fmt::print("{:{}}", name(labels, truth), std::max(width, 14));
    for (const Index predicted : shown) fmt::print(" {:{}}", confusion.count(truth, predicted), column);
    fmt::print("\n");
  }
}

ordered_json labels_json(const Confusion& confusion, const Labels& labels) {
  ordered_json all = ordered_json::object();
  for (const Index label : occurring(confusion)) {
    const Confusion::OfLabel of = confusion.of(label);
    all[name(labels, label)] = {{"count", of.occurs},
                                {"predicted", of.predicted},
                                {"precision", of.precision},
                                {"recall", of.recall},
                                {"f1", of.f1}};
  }
  return all;
}

/// [label, predicted], in the order of "labels".
ordered_json matrix_json(const Confusion& confusion) {
  const std::vector<Index> shown = occurring(confusion);
  ordered_json rows = ordered_json::array();
  for (const Index truth : shown) {
    ordered_json row = ordered_json::array();
    for (const Index predicted : shown) row.push_back(confusion.count(truth, predicted));
    rows.push_back(std::move(row));
  }
  return rows;
}

}  // namespace

std::string summary(const ClassificationMetrics& metrics) {
  return fmt::format("{} sequences: accuracy {:.2f} %, macro F1 {:.2f} %, log-loss {:.4f} nats",
                     metrics.confusion.total(), percent(metrics.confusion.accuracy()),
                     percent(metrics.confusion.macro_f1()), metrics.log_loss());
}

std::string summary(const TaggingMetrics& metrics) {
  return fmt::format(
      "{} steps of {} sequences: accuracy {:.2f} %, of whole sequences {:.2f} %, of the {} unknown words {:.2f} %, "
      "macro "
      "F1 {:.2f} %, log-loss {:.4f} nats",
      metrics.confusion.total(), metrics.sequences, percent(metrics.confusion.accuracy()),
      percent(metrics.sequence_accuracy()), metrics.unknown, percent(metrics.unknown_accuracy()),
      percent(metrics.confusion.macro_f1()), metrics.log_loss());
}

void print_metrics(const ClassificationMetrics& metrics, const Labels& labels) {
  fmt::print("{}\n", summary(metrics));
  print_labels(metrics.confusion, labels);
  print_matrix(metrics.confusion, labels);
}

void print_metrics(const TaggingMetrics& metrics, const Labels& labels) {
  fmt::print("{}\n", summary(metrics));
  print_labels(metrics.confusion, labels);
}

ordered_json to_json(const ClassificationMetrics& metrics, const Labels& labels) {
  return {{"sequences", metrics.confusion.total()},           {"accuracy", metrics.confusion.accuracy()},
          {"macro_f1", metrics.confusion.macro_f1()},         {"nats", metrics.log_loss()},
          {"labels", labels_json(metrics.confusion, labels)}, {"confusion", matrix_json(metrics.confusion)}};
}

ordered_json to_json(const TaggingMetrics& metrics, const Labels& labels) {
  return {{"steps", metrics.confusion.total()},
          {"sequences", metrics.sequences},
          {"accuracy", metrics.confusion.accuracy()},
          {"sequence_accuracy", metrics.sequence_accuracy()},
          {"unknown", metrics.unknown},
          {"unknown_accuracy", metrics.unknown_accuracy()},
          {"macro_f1", metrics.confusion.macro_f1()},
          {"nats", metrics.log_loss()},
          {"labels", labels_json(metrics.confusion, labels)},
          {"confusion", matrix_json(metrics.confusion)}};
}

void print_remarks(const std::vector<std::string>& remarks) {
  for (const std::string& remark : remarks) fmt::print(stderr, "{}\n", remark);
}

}  // namespace unfold::cli
