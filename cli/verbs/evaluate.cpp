// unfold evaluate MODEL --data FILE: nats, bits per character and perplexity of a text, or log p of each of its lines;
// accuracy and the like of a model that labels; what predictions of vectors cost.
#include <fmt/core.h>

#include <array>
#include <cmath>
#include <nlohmann/json.hpp>
#include <numbers>

#include "add_settings.h"
#include "label_files.h"
#include "sequence_files.h"
#include "tasks/language_model/language_model.h"
#include "tasks/line_scores.h"
#include "unfold/error.h"
#include "unfold/labelling_model.h"
#include "unfold/text.h"
#include "verb.h"

namespace unfold::cli {
namespace {

struct Options {
  EvaluationSettings evaluation;
  bool per_line = false;
  bool json = false;
  ReadingSettings reading;
};

constexpr std::array<const char*, 8> kOfTexts = {"include",      "baseline",    "batch", "mix",
                                                 "cache-length", "cache-decay", "mc",    "per-line"};

void print_text(const LanguageModelEvaluation& evaluation) {
  fmt::print(
      "{} tokens: {:.4f} nats = {:.4f} bits per token, {:.4f} bits per character, {:.4f} bits per byte, "
      "perplexity {:.3f}\n",
      evaluation.tokens, evaluation.nats, evaluation.nats / std::numbers::ln2, evaluation.bits_per_char,
      evaluation.bits_per_byte, std::exp(evaluation.nats));
  if (evaluation.monte_carlo_nats) {
    const double nats = *evaluation.monte_carlo_nats;
    fmt::print("Monte Carlo dropout, {} samples: {:.4f} nats = {:.4f} bits per token, perplexity {:.3f}\n",
               evaluation.monte_carlo_samples, nats, nats / std::numbers::ln2, std::exp(nats));
  }
  for (const MixedModel& part : evaluation.mixed) {
    fmt::print("  {:.3g} of {}: alone {:.4f} nats\n", part.weight, part.name, part.nats);
  }
  if (evaluation.baseline_nats) {
    fmt::print("{}-gram baseline: {:.4f} nats = {:.4f} bits per token\n", evaluation.baseline_order,
               *evaluation.baseline_nats, *evaluation.baseline_nats / std::numbers::ln2);
  }
}

void print_json(const LanguageModelEvaluation& evaluation) {
  nlohmann::ordered_json object = {{"tokens", evaluation.tokens},
                                   {"nats", evaluation.nats},
                                   {"bits_per_token", evaluation.nats / std::numbers::ln2},
                                   {"perplexity", std::exp(evaluation.nats)},
                                   {"bits_per_char", evaluation.bits_per_char},
                                   {"bits_per_byte", evaluation.bits_per_byte}};
  if (evaluation.monte_carlo_nats) {
    object["monte_carlo_samples"] = evaluation.monte_carlo_samples;
    object["monte_carlo_nats"] = *evaluation.monte_carlo_nats;
  }
  for (const MixedModel& part : evaluation.mixed) {
    object["mixed"].push_back({{"model", part.name}, {"weight", part.weight}, {"nats", part.nats}});
  }
  if (evaluation.baseline_nats) {
    object["baseline_order"] = evaluation.baseline_order;
    object["baseline_nats"] = *evaluation.baseline_nats;
  }
  fmt::print("{}\n", object.dump());
}

void print_line(const TextScore& score, bool json) {
  if (json) {
    const nlohmann::ordered_json object = {
        {"log_probability", score.log_probability}, {"tokens", score.tokens}, {"unknown", score.unknown}};
    fmt::print("{}\n", object.dump());
  } else {
    fmt::print("{:.4f}\t{}\n", score.log_probability, score.tokens);
  }
}

int evaluate_lines(const Options& options) {
  LoadedTextModel loaded = load_text_model(options.evaluation.model);
  for (const std::string& file : text_files(options.evaluation.data, options.evaluation.include)) {
    score_lines(file, {&loaded, 1}, [&](std::span<const std::string>, const LineScores& scores) {
      for (const TextScore& score : scores.front()) print_line(score, options.json);
      std::fflush(stdout);
    });
  }
  return kDone;
}

int evaluate_text(const Options& options) {
  const LanguageModelEvaluation evaluation = evaluate_language_model(options.evaluation);
  options.json ? print_json(evaluation) : print_text(evaluation);
  return kDone;
}

int evaluate(const Options& options, const Command& command) {
  const EvaluationSettings& evaluation = options.evaluation;
  const bool labels = is_labelling_model(evaluation.model);
  if (!labels && !is_sequence_model(evaluation.model)) {
    return options.per_line ? evaluate_lines(options) : evaluate_text(options);
  }
  for (const char* name : kOfTexts) {
    if (command.given(name))
      throw UsageError(fmt::format("--{} is for models of text, not for those of labels or vectors", name));
  }
  if (!labels) return evaluate_sequences(evaluation.model, evaluation.data, options.reading, options.json);
  return evaluate_labels(evaluation.model, evaluation.data, options.reading, options.json);
}

void prepare(Command& command) {
  auto options = std::make_shared<Options>();
  command.argument("model", options->evaluation.model, "A run's folder, a model file or an ARPA file");
  command.option("data", options->evaluation.data,
                 "Texts to predict: files, .gz too, folders, patterns, - for standard input");
  for (const char* name : {"model", "data"}) command.require(name);
  command.option("include", options->evaluation.include, "Which files of a folder to read: '*.c,*.h'; all if left out");
  command.option("baseline", options->evaluation.baseline, "Text to count n-grams in, for comparison");
  command.option("batch", options->evaluation.batch,
                 "Streams side by side: 1 is exact, more are faster; default as in training");
  command.repeated("mix", options->evaluation.mix,
                   "MODEL:WEIGHT to interpolate with, any number of them; the rest of the weight is MODEL's own. "
                   "'cache' is the unigram model of the text's last tokens");
  command.option("cache-length", options->evaluation.cache_length, "Tokens that the cache remembers");
  command.option("cache-decay", options->evaluation.cache_decay, "What a token counts less for each one after it");
  command.option("mc", options->evaluation.samples,
                 "Also average the probabilities over this many sets of dropout masks", Least::kZero);
  command.exclude("mc", "mix");
  command.flag("per-line", options->per_line,
               "Print log p of each line in nats and its tokens instead; --data - answers line by line");
  command.flag("json", options->json, "Print one JSON object, with --per-line one a line");
  for (const char* other : {"batch", "baseline", "mix", "mc"}) command.exclude("per-line", other);
  add_settings(command, options->reading.list());
  command.example(
      "  unfold evaluate run --data other.txt\n"
      "  unfold evaluate run --data other.txt --mix ngram:0.3 --mix cache:0.05\n"
      "  unfold evaluate run --data names.txt --per-line\n"
      "  unfold evaluate tagger --data test.conllu\n"
      "  unfold evaluate composer --data chorales.json --part test");
  command.action([options, command] { return evaluate(*options, command); });
}

}  // namespace

Verb verb_evaluate() {
  return {"evaluate", "Measure a model on a text, or on sequences of labels or numbers", prepare};
}

}  // namespace unfold::cli
