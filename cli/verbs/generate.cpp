// unfold generate MODEL: writes text.
#include "unfold/generate.h"

#include <fmt/core.h>

#include <nlohmann/json.hpp>

#include "unfold/model_file.h"
#include "verb.h"

namespace unfold::cli {
namespace {

struct Options {
  std::string model;
  GenerateOptions generation;
  Index count = 1;
  Index seed = 0;
  bool json = false;
};

void write(std::string_view text) {
  std::fwrite(text.data(), 1, text.size(), stdout);
  std::fflush(stdout);
}

int run(const Options& options) {
  LoadedModel loaded = load_model(options.model);
  loaded.vocabulary.encode(options.generation.prompt);  // nothing is printed for a prompt that cannot be read
  nlohmann::ordered_json texts = nlohmann::ordered_json::array();
  for (Index number = 0; number < options.count; ++number) {
    GenerateOptions generation = options.generation;
    generation.seed = static_cast<std::uint64_t>(options.seed + number);  // text n of seed s is text 0 of seed s + n
    if (options.json) {
      texts.push_back(generation.prompt + generate(loaded.model, loaded.vocabulary, generation));
    } else {
      write(generation.prompt);
      generate(loaded.model, loaded.vocabulary, generation, write);
      write("\n");
    }
  }
  if (options.json) {
    // Bytes that are no UTF-8, as a byte model may write them, are replaced.
    const nlohmann::ordered_json object = {{"texts", texts}};
    fmt::print("{}\n", object.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace));
  }
  return kDone;
}

void prepare(Command& command) {
  auto options = std::make_shared<Options>();
  command.argument("model", options->model, "A run's folder or a model file");
  command.require("model");
  command.option("prompt", options->generation.prompt, "Text to continue");
  command.option("length", options->generation.length, "Tokens to write", Least::kZero);
  command.option("temperature", options->generation.temperature,
                 "Below 1: safer; above: wilder; 0: always the most probable");
  command.option("count", options->count, "Texts to write");
  command.option("seed", options->seed, "The same seed gives the same text", Least::kZero);
  command.flag("json", options->json, "Print one JSON object");
  command.example("  unfold generate run --prompt 'In the beginning' --length 400 --temperature 0.7");
  command.action([options] { return run(*options); });
}

}  // namespace

Verb verb_generate() { return {"generate", "Write text with a model", prepare}; }

}  // namespace unfold::cli
