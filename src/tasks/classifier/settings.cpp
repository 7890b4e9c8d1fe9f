#include "tasks/classifier/settings.h"

namespace unfold {

Settings SymbolSettings::list() {
  return grouped(
      "Texts and batches",
      {
          {"level", "What is read of texts: byte, char or word; automatic: words, characters of names and the like",
           &level},
          {"vocab", "Most symbols to know, 0 for all", &vocabulary},
          {"min-count", "Symbols seen less often become the unknown symbol; default 2 for words, 1 for characters",
           &min_count},
          {"batch", "Steps (symbols, vectors) of all sequences in a batch; default a 200th of the data, 4000 at most",
           &batch},
      });
}

Settings ClassifierNetworkSettings::list() {
  return joined(
      {LayerSettings::list(),
       grouped(
           "Network",
           {
               {"embed", "Size of the embedding, 0 for one-hot input; default 100 for words, otherwise 0", &embed},
               {"window",
                "Read the first N steps at once, each with weights of its own, and none after them: with --cell mlp "
                "what "
                "a network without memory can do; 0: step after step",
                &window},
               {"bidirectional", "A second recurrence reads from the end; both are put side by side", &bidirectional},
               {"pooling", "From all steps to one vector: last, max, mean or attention", &pooling},
           })});
}

Settings ClassifierSettings::list() {
  return joined(
      {data.list(), symbols.list(), network.list(), regularisation.list(),
       grouped("Regularisation", {{"class-weights", "Labels count alike, however often each occurs", &class_weights}}),
       optimizer.list(), length.list(), recovery.list(), execution.list()});
}

ClassifierSettings ClassifierSettings::with_whole_paths() const {
  ClassifierSettings settings = *this;
  make_paths_whole(settings.data, settings.network.cell);
  return settings;
}

}  // namespace unfold
