// unfold train TASK: the tasks that there are.
#include "train_classifier.h"
#include "train_hidden_markov.h"
#include "train_language_model.h"
#include "train_naive_bayes.h"
#include "train_ngram.h"
#include "train_sequence.h"
#include "train_tagger.h"
#include "verb.h"

namespace unfold::cli {
namespace {

void prepare(Command& command) {
  Command task = command.below("lm", "A language model: predicts the next byte, character or word of a text");
  prepare_train_language_model(task);
  Command classifying = command.below("classify", "A classifier: reads texts or vectors, gives each sequence a label");
  prepare_train_classifier(classifying);
  Command counting =
      command.below("ngram", "An n-gram model: counts what follows what; what networks are compared with");
  prepare_train_ngram(counting);
  Command tagging = command.below("tag", "A tagger: a network that labels every word of a sentence, or every frame");
  prepare_train_tagger(tagging);
  Command vectors = command.below("sequence", "A model of vectors: predicts the next step of music, motions, sensors");
  prepare_train_sequence(vectors);
  Command states = command.below("hmm", "A hidden Markov model of words and tags, or of words alone: counts");
  prepare_train_hidden_markov(states);
  Command features = command.below("naive-bayes", "Naive Bayes: counts which words the texts of each label have");
  prepare_train_naive_bayes(features);
  command.example("  unfold train lm --data book.txt --out run");
}

}  // namespace

Verb verb_train() { return {"train", "Train a model", prepare}; }

}  // namespace unfold::cli
