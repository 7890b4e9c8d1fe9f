// unfold export MODEL: a model in another program's format, or with smaller weights.
#include <fmt/core.h>

#include <nlohmann/json.hpp>

#include "tasks/language_model/quantise.h"
#include "unfold/error.h"
#include "unfold/model_file.h"
#include "unfold/ngram_text_model.h"
#include "verb.h"

namespace unfold::cli {
namespace {

struct Options {
  std::string model;
  std::string arpa;
  std::string format;
  QuantisationSettings quantisation;
  bool json = false;
};

int write_arpa(const Options& options) {
  const LoadedTextModel loaded = load_text_model(options.model);
  const auto* ngram = dynamic_cast<const NGramTextModel*>(loaded.model.get());
  if (ngram == nullptr) {
    throw InputError(
        fmt::format("{}: only n-gram models can be written in the ARPA format, and this is a network", options.model));
  }
  export_arpa(options.arpa, ngram->ngram(), loaded.vocabulary);
  fmt::print("{}\n", options.arpa);
  return kDone;
}

double megabytes(Index bytes) { return static_cast<double>(bytes) / 1e6; }

void print_text(const Quantisation& result, const std::string& file) {
  for (const QuantisedPart& part : result.parts) {
    fmt::print("{:<12} {}", part.name, weight_format_name(part.format));
    if (part.nats_alone > 0) fmt::print("  (rounded alone: {:.4f} nats)", part.nats_alone);
    fmt::print("\n");
  }
  fmt::print("loss         {:.4f} -> {:.4f} nats on {} tokens, {:+.3f} %\n", result.nats_before, result.nats_after,
             result.tokens, (result.nats_after / result.nats_before - 1) * 100);
  fmt::print("weights      {:.2f} -> {:.2f} MB read a step\n", megabytes(result.bytes_before),
             megabytes(result.bytes_after));
  fmt::print("a step       {:.2f} -> {:.2f} us, one text, on this machine\n", result.seconds_before * 1e6,
             result.seconds_after * 1e6);
  fmt::print("{}\n", file);
}

void print_json(const Quantisation& result, const std::string& file) {
  nlohmann::ordered_json object = {{"file", file},
                                   {"tokens", result.tokens},
                                   {"nats_before", result.nats_before},
                                   {"nats_after", result.nats_after},
                                   {"bytes_before", result.bytes_before},
                                   {"bytes_after", result.bytes_after},
                                   {"seconds_before", result.seconds_before},
                                   {"seconds_after", result.seconds_after}};
  for (const QuantisedPart& part : result.parts) {
    object["parts"].push_back({{"name", part.name}, {"format", weight_format_name(part.format)}});
  }
  fmt::print("{}\n", object.dump());
}

int quantise(Options options) {
  QuantisationSettings& settings = options.quantisation;
  if (settings.valid.empty() || settings.out.empty()) {
    throw UsageError("--quantize measures the loss and writes a file: pass --valid FILE and --out FILE");
  }
  settings.model = options.model;
  settings.format = parse_weight_format(options.format);
  const Quantisation result = quantise_language_model(settings);
  options.json ? print_json(result, settings.out) : print_text(result, settings.out);
  return kDone;
}

int run(const Options& options) {
  if (!options.format.empty()) return quantise(options);
  if (!options.arpa.empty()) return write_arpa(options);
  throw UsageError("expected --arpa FILE or --quantize FORMAT: what to write");
}

void prepare(Command& command) {
  auto options = std::make_shared<Options>();
  command.argument("model", options->model, "A run's folder or a model file");
  command.require("model");
  command.option("arpa", options->arpa, "File for an n-gram model in the ARPA format of SRILM and KenLM");

  command.group("Smaller weights, for faster generation");
  command.option("quantize", options->format,
                 "int8 or bf16: round the matrices, where that costs the loss more than 0.1 %, less so");
  command.option("valid", options->quantisation.valid, "Texts to measure the loss on");
  command.option("out", options->quantisation.out, "Model file to write; refused where it would not be faster");
  command.flag("json", options->json, "Print one JSON object");
  for (const char* other : {"quantize", "valid", "out", "json"}) command.exclude("arpa", other);
  command.example(
      "  unfold export run --quantize int8 --valid valid.txt --out small.safetensors\n"
      "  unfold train ngram --data book.txt --out ngram --order 3\n"
      "  unfold export ngram --arpa book.arpa");
  command.action([options] { return run(*options); });
}

}  // namespace

Verb verb_export() { return {"export", "Write a model in another program's format, or with smaller weights", prepare}; }

}  // namespace unfold::cli
