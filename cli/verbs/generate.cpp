// unfold generate MODEL: writes text, or sequences of vectors.
#include "unfold/generate.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "base/file.h"
#include "sequence_files.h"
#include "unfold/error.h"
#include "unfold/model_file.h"
#include "verb.h"

namespace unfold::cli {
namespace {

using nlohmann::ordered_json;

constexpr Index kUnset = -1;

struct Options {
  std::string model;
  GenerateOptions generation;
  std::string prompt_file;
  std::string prime;
  Index seed = kUnset;
  Index beam = kUnset;
  double length_penalty = 0;
  std::string state;
  std::string save_state;
  bool scores = false;
  bool json = false;
};

void write(std::string_view text) {
  std::fwrite(text.data(), 1, text.size(), stdout);
  std::fflush(stdout);
}

/// As JSON; bytes that are no UTF-8, as a byte model may write them, are replaced.
std::string json_text(const ordered_json& value) {
  return value.dump(-1, ' ', false, ordered_json::error_handler_t::replace);
}

std::string score_table(const WrittenText& text) {
  std::string table = fmt::format("{:>9}  token\n", "log p");
  for (const WrittenToken& token : text.tokens) {
    table += fmt::format("{:9.4f}  {}\n", token.log_probability, token.text.empty() ? "(end)" : json_text(token.text));
  }
  return table + fmt::format("{:9.4f}  in all, {} tokens\n", text.log_probability(), text.tokens.size());
}

ordered_json scores_json(const WrittenText& text) {
  ordered_json tokens = ordered_json::array();
  for (const WrittenToken& token : text.tokens) {
    tokens.push_back({{"text", token.text}, {"log_probability", token.log_probability}});
  }
  return tokens;
}

void print_json(const std::vector<WrittenText>& texts, const Options& options) {
  ordered_json object = {{"texts", ordered_json::array()}, {"log_probabilities", ordered_json::array()}};
  for (const WrittenText& text : texts) {
    object["texts"].push_back(options.generation.prompt + text.text);
    object["log_probabilities"].push_back(text.log_probability());
    if (options.scores) object["tokens"].push_back(scores_json(text));
  }
  write(json_text(object) + "\n");
}

std::vector<WrittenText> search(LoadedTextModel& loaded, const Options& options, const Continuation* from) {
  const GenerateOptions& wanted = options.generation;
  std::vector<WrittenText> texts = beam_search(*loaded.model, loaded.vocabulary,
                                               {.prompt = wanted.prompt,
                                                .length = wanted.length,
                                                .width = options.beam,
                                                .length_penalty = options.length_penalty,
                                                .match = wanted.match},
                                               from);
  texts.resize(std::min(texts.size(), static_cast<std::size_t>(wanted.count)));
  return texts;
}

/// Writes the first text as it grows and the others, which grow beside it, when all are done.
void print(LoadedTextModel& loaded, const Options& options, Continuation* from) {
  const bool streams = options.beam == kUnset && !options.json;
  bool begun = false;  // nothing is printed where nothing can be written
  const auto show = [&](Index number, std::string_view piece) {
    if (number > 0) return;
    if (!begun) write(options.generation.prompt);
    begun = true;
    write(piece);
  };
  const std::vector<WrittenText> texts =
      options.beam != kUnset
          ? search(loaded, options, from)
          : generate(*loaded.model, loaded.vocabulary, options.generation, streams ? show : PieceCallback{}, from);
  if (options.json) return print_json(texts, options);
  for (std::size_t number = 0; number < texts.size(); ++number) {
    if (!begun || number > 0) write(options.generation.prompt + texts[number].text);
    write("\n");
    if (options.scores) write(score_table(texts[number]));
  }
}

void complete(Options& options) {
  if (!options.prompt_file.empty()) options.generation.prompt = read_file(options.prompt_file);
  if (options.seed != kUnset) options.generation.seed = static_cast<std::uint64_t>(options.seed);
  if (options.beam != kUnset && options.generation.count > options.beam) {
    throw UsageError(fmt::format("a beam of width {} finds at most {} texts, --count wants {}", options.beam,
                                 options.beam, options.generation.count));
  }
  if (!options.save_state.empty() && options.generation.count > 1) {
    throw UsageError(
        fmt::format("--save-state keeps where one text stopped, --count wants {}; continue the same "
                    "--state with several seeds instead",
                    options.generation.count));
  }
}

int run(Options options) {
  complete(options);
  LoadedTextModel loaded = load_text_model(options.model);
  Continuation here;
  if (!options.state.empty()) here = load_continuation(options.state, *loaded.model);
  print(loaded, options, &here);
  if (!options.save_state.empty()) save_continuation(options.save_state, *loaded.model, here);
  return kDone;
}

constexpr std::array<const char*, 15> kOfTexts = {"scores",      "json",       "prompt",
                                                  "prompt-file", "stop",       "match",
                                                  "state",       "save-state", "repetition-penalty",
                                                  "temperature", "top-k",      "top-p",
                                                  "min-p",       "beam",       "length-penalty"};

int generate(const Options& options, const Command& command) {
  if (!is_sequence_model(options.model)) {
    if (!options.prime.empty()) throw UsageError("--prime is for models of vectors; a text is continued with --prompt");
    return run(options);
  }
  for (const char* name : kOfTexts) {
    if (command.given(name))
      throw UsageError(fmt::format("--{} is for models of text, not for those of vectors", name));
  }
  return generate_sequences(options.model, {.length = options.generation.length,
                                            .count = options.generation.count,
                                            .seed = std::max<Index>(options.seed, 0),
                                            .prime = options.prime});
}

void prepare(Command& command) {
  auto options = std::make_shared<Options>();
  GenerateOptions& generation = options->generation;
  Sampling& sampling = generation.sampling;
  command.argument("model", options->model, "A run's folder or a model file");
  command.require("model");
  command.option("length", generation.length, "Tokens to write, at most; steps of vectors", Least::kZero);
  command.option("count", generation.count, "Texts or sequences to write; with --beam: of the best");
  command.flag("scores", options->scores, "Print the log-probability of every token");
  command.flag("json", options->json, "Print one JSON object");

  command.group("Beginning and end");
  command.option("prompt", generation.prompt, "Text to continue");
  command.option("prompt-file", options->prompt_file, "File with the text to continue");
  command.option("prime", options->prime, "For models of vectors: file whose first sequence is continued");
  command.repeated("stop", generation.stop, "End before this text; may be given several times");
  command.option("match", generation.match, "Regular expression that the whole text written matches");
  command.option("state", options->state, "Continue from this file");
  command.option("save-state", options->save_state, "File to keep where the text stopped");

  command.group("Sampling, in this order");
  command.option("seed", options->seed, "The same seed gives the same text", Least::kZero);
  command.option("repetition-penalty", sampling.repetition_penalty,
                 "Above 1: symbols that the text holds become less probable");
  command.option("temperature", sampling.temperature, "Below 1: safer; above: wilder; 0: always the most probable");
  command.option("top-k", sampling.top_k, "Only the K most probable symbols; 0: all", Least::kZero);
  command.option("top-p", sampling.top_p, "Only the most probable symbols that have this probability together");
  command.option("min-p", sampling.min_p, "Only symbols this many times as probable as the most probable one");

  command.group("Search");
  command.option("beam", options->beam, "Beam search of this width for the most probable text, instead of sampling");
  command.option("length-penalty", options->length_penalty,
                 "Compare log p / tokens^X: 0 prefers short texts, 1 compares means");

  command.exclude("prompt", "prompt-file");
  command.exclude("match", "stop");
  for (const char* other :
       {"stop", "save-state", "seed", "repetition-penalty", "temperature", "top-k", "top-p", "min-p"}) {
    command.exclude("beam", other);
  }
  command.example(
      "  unfold generate run --prompt 'In the beginning' --length 400 --temperature 0.7\n"
      "  unfold generate run --match '[A-Z][a-z]+ [0-9]{2,4}' --scores\n"
      "  unfold generate run --prompt 'To be' --beam 8 --count 3 --length 40 --scores\n"
      "  unfold generate composer --length 64 --seed 3 > chorale.json");
  command.action([options, command] { return generate(*options, command); });
}

}  // namespace

Verb verb_generate() { return {"generate", "Write text, or sequences of numbers, with a model", prepare}; }

}  // namespace unfold::cli
