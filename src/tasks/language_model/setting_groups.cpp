// The options of the task `lm`, group by group: name and help of each.
#include "tasks/language_model/settings.h"

namespace unfold {

Settings TextSettings::list() {
  return grouped(
      "Text",
      {
          {"data", "Texts to learn from: files, .gz too, folders, patterns, - for standard input", &data},
          {"valid", "Texts to validate on; a part of --data if left out", &valid},
          {"include", "Which files of a folder to read: '*.c,*.h'; all if left out", &include},
          {"held-out", "Share of --data that is held out where there is no --valid: its end, or lines at random",
           &held_out},
          {"level", "What a token is: byte, char, word or bpe", &level},
          {"vocab", "Most symbols to know, 0 for all; default 10000 words, 4000 pieces of bpe, all characters",
           &vocabulary},
          {"min-count", "Characters and words seen less often become the unknown symbol", &min_count},
          {"document-separator", "Text between documents; no state is carried over. Several files are documents anyway",
           &document_separator},
          {"lines", "Every line is a sequence of its own, learnt whole, with a symbol for its start and end", &lines},
          {"batch", "Sequences B side by side", &batch},
          {"unroll", "Steps T of truncated backpropagation through time", &unroll},
          {"unroll-jitter", "Vary the steps around T at random, and the learning rate with them", &unroll_jitter},
      });
}

Settings NetworkSettings::list() {
  return joined(
      {LayerSettings::list(),
       grouped(
           "Network",
           {
               {"embed",
                "Size of the embedding, 0 for one-hot input; default 0, for words and tied weights the top layer's",
                &embed},
               {"tie-weights", "The embedding's table is the output layer's matrix, too", &tie_weights},
               {"softmax", "Output layer: full, or adaptive for a large vocabulary", &softmax},
               {"cutoffs", "Numbers of the first words in the adaptive softmax' tails, such as 2000,10000", &cutoffs},
           })});
}

Settings LanguageRegularisationSettings::list() {
  return joined(
      {RegularisationSettings::list(),
       grouped("Regularisation",
               {
                   {"activation-penalty", "AR: this times the mean square of what the output layer reads",
                    &activation_penalty},
                   {"temporal-penalty", "TAR: this times the mean square of the top layer's change from step to step",
                    &temporal_penalty},
               })});
}

Settings LanguageLengthSettings::list() {
  return joined(
      {LengthSettings::list(),
       grouped("Length",
               {
                   {"keep-samples",
                    "Tokens of what the model writes to keep in the run's folder, at growing intervals; 0 for none",
                    &keep_samples},
               })});
}

}  // namespace unfold
