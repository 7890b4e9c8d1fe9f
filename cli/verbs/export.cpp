// unfold export MODEL --arpa FILE: a model in the format of other programs.
#include <fmt/core.h>

#include "unfold/error.h"
#include "unfold/model_file.h"
#include "unfold/ngram_text_model.h"
#include "verb.h"

namespace unfold::cli {
namespace {

struct Options {
  std::string model;
  std::string arpa;
};

int run(const Options& options) {
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

void prepare(Command& command) {
  auto options = std::make_shared<Options>();
  command.argument("model", options->model, "A run's folder or a model file");
  command.option("arpa", options->arpa, "File for an n-gram model in the ARPA format of SRILM and KenLM");
  for (const char* name : {"model", "arpa"}) command.require(name);
  command.example(
      "  unfold train ngram --data book.txt --out ngram --order 3\n"
      "  unfold export ngram --arpa book.arpa");
  command.action([options] { return run(*options); });
}

}  // namespace

Verb verb_export() { return {"export", "Write a model in another program's format", prepare}; }

}  // namespace unfold::cli
