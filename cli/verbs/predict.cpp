// unfold predict MODEL --data FILE: the file with labels filled in, or of predicted numbers. unfold predict --models
// A,B,C --data FILE: which model of text each line speaks for.
#include <fmt/core.h>

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "add_settings.h"
#include "label_files.h"
#include "sequence_files.h"
#include "tasks/line_scores.h"
#include "unfold/error.h"
#include "verb.h"

namespace unfold::cli {
namespace {

using nlohmann::ordered_json;

struct Options {
  std::string model;
  ReadingSettings reading;
  std::vector<std::string> models;
  std::vector<double> priors;
  std::string data;
  bool scores = false;
  bool json = false;
};

/// The name of a run's folder, or of a file without its ending.
std::string name_of(const std::string& model) {
  std::filesystem::path path(model);
  if (!path.has_filename()) path = path.parent_path();  // "run/"
  return std::filesystem::is_directory(path) ? path.filename().string() : path.stem().string();
}

/// What is known of one line.
struct Prediction {
  std::vector<TextScore> scores;  // by model
  std::vector<double> probabilities;
  std::vector<std::size_t> ranking;  // the most probable model first, of equal ones the first named
};

Prediction predict(const LineScores& scores, std::size_t line, const std::vector<double>& priors) {
  Prediction prediction;
  std::vector<double> logs;
  for (const std::vector<TextScore>& of_model : scores) {
    prediction.scores.push_back(of_model[line]);
    logs.push_back(of_model[line].log_probability);
    prediction.ranking.push_back(prediction.ranking.size());
  }
  prediction.probabilities = posterior(logs, priors);
  std::stable_sort(prediction.ranking.begin(), prediction.ranking.end(), [&](std::size_t a, std::size_t b) {
    return prediction.probabilities[a] > prediction.probabilities[b];
  });
  return prediction;
}

void print_text(const Prediction& prediction, const std::vector<std::string>& names, bool scores) {
  const std::size_t shown = scores ? names.size() : 1;
  for (std::size_t rank = 0; rank < shown; ++rank) {
    const std::size_t model = prediction.ranking[rank];
    fmt::print("{}{}\t{:.6f}", rank == 0 ? "" : "\t", names[model], prediction.probabilities[model]);
    if (scores) fmt::print("\t{:.4f}", prediction.scores[model].log_probability);
  }
  fmt::print("\n");
}

void print_json(const Prediction& prediction, const std::vector<std::string>& names, bool scores) {
  const std::size_t winner = prediction.ranking.front();
  ordered_json object = {{"model", names[winner]}, {"probability", prediction.probabilities[winner]}};
  for (std::size_t rank = 0; scores && rank < names.size(); ++rank) {
    const std::size_t model = prediction.ranking[rank];
    object["scores"].push_back({{"model", names[model]},
                                {"probability", prediction.probabilities[model]},
                                {"log_probability", prediction.scores[model].log_probability},
                                {"tokens", prediction.scores[model].tokens},
                                {"unknown", prediction.scores[model].unknown}});
  }
  fmt::print("{}\n", object.dump(-1, ' ', false, ordered_json::error_handler_t::replace));
}

int run(Options options) {
  if (options.model.empty() == options.models.empty()) {
    throw UsageError("expected a model that labels, or --models, models of text of which one is chosen for each line");
  }
  if (!options.model.empty()) {
    const auto predict = is_sequence_model(options.model) ? predict_sequences : predict_labels;
    return predict(options.model, options.data, options.reading, options.scores);
  }
  if (options.priors.empty()) options.priors.assign(options.models.size(), 1.0);
  if (options.priors.size() != options.models.size()) {
    throw UsageError(fmt::format("--priors has {} numbers, --models {} names: expected one for each",
                                 options.priors.size(), options.models.size()));
  }
  std::vector<LoadedTextModel> models;
  std::vector<std::string> names;
  for (const std::string& model : options.models) {
    models.push_back(load_text_model(model));
    names.push_back(name_of(model));
  }
  score_lines(options.data, models, [&](std::span<const std::string> lines, const LineScores& scores) {
    for (std::size_t line = 0; line < lines.size(); ++line) {
      const Prediction prediction = predict(scores, line, options.priors);
      options.json ? print_json(prediction, names, options.scores) : print_text(prediction, names, options.scores);
    }
    std::fflush(stdout);
  });
  return kDone;
}

void prepare(Command& command) {
  auto options = std::make_shared<Options>();
  command.argument("model", options->model,
                   "The run's folder, or file, of a model that labels, or that predicts numbers");
  command.option("data", options->data,
                 "File that comes back with its labels filled in; -: the standard input, line by line");
  command.require("data");
  command.flag("scores", options->scores, "Every label, or model, with its probability, the most probable first");
  command.group("Choosing between models of text");
  command.list("models", options->models, "Runs' folders or model files; prints which one each line speaks for");
  command.list("priors", options->priors, "How probable each model is beforehand; default: equally");
  command.flag("json", options->json, "Print one JSON object a line");
  for (const char* other : {"models", "priors", "json"}) command.exclude("model", other);
  add_settings(command, options->reading.list());
  command.example(
      "  unfold predict tagger --data words.conllu\n"
      "  echo 'what a film' | unfold predict bayes --data - --scores\n"
      "  unfold predict --models runs/deu,runs/eng,runs/fra --data lines.txt\n"
      "  echo 'das ist ein Satz' | unfold predict --models runs/* --data - --scores");
  command.action([options] { return run(*options); });
}

}  // namespace

Verb verb_predict() {
  return {"predict", "Label or continue sequences; or say which of several models each line speaks for", prepare};
}

}  // namespace unfold::cli
