#include "tasks/tagging/settings.h"

namespace unfold {

Settings WordSettings::list() {
  return grouped(
      "Words",
      {
          {"embed", "Size of a word's embedding, 0 for none", &embed},
          {"char-embed", "Size of a character's embedding", &character_embed},
          {"char-hidden", "Units of the recurrence over a word's characters, in each direction; 0: words are not spelt",
           &character_hidden},
          {"min-count", "Words seen less often are the unknown word", &min_count},
          {"unknown-words",
           "Share A: in training a word that is there n times is unknown with probability A / (A + n); 0 for never",
           &unknown_words},
      });
}

// Tagged sentences are few: less is learnt by heart when much is dropped.
TaggerNetworkSettings::TaggerNetworkSettings() { hidden = "200"; }
TaggerRegularisationSettings::TaggerRegularisationSettings() {
  dropout = "automatic";
  input_dropout = "0.5";
  output_dropout = "0.5";
}

Settings TaggerNetworkSettings::list() {
  return joined(
      {LayerSettings::list(),
       grouped("Network",
               {
                   {"window",
                    "Read each step beside the N steps before it and after it: with --cell mlp what a network "
                    "without memory can do",
                    &window},
                   {"crf", "A linear-chain conditional random field above the scores", &crf},
               })});
}

Settings TaggerSettings::list() {
  return joined({data.list(), grouped("Data", {{"batch", "Steps of a batch of whole sequences", &batch}}), words.list(),
                 network.list(), regularisation.list(), optimizer.list(), length.list(), recovery.list(),
                 execution.list()});
}

TaggerSettings TaggerSettings::with_whole_paths() const {
  TaggerSettings settings = *this;
  make_paths_whole(settings.data, settings.network.cell);
  return settings;
}

}  // namespace unfold
