#include "tasks/hidden_markov/hidden_markov.h"

#include <algorithm>
#include <chrono>

#include "base/file.h"
#include "tasks/labelling/data.h"
#include "tasks/labelling/evaluate.h"
#include "unfold/counting_labellers.h"
#include "unfold/error.h"

namespace unfold {
namespace {

constexpr const char* kTask = "hmm";

/// The training part as the models take it.
struct Sentences {
  std::vector<std::vector<std::string>> words;
  std::vector<std::vector<std::int32_t>> tags;

  explicit Sentences(const SequenceData& data) {
    for (const Sequence& sequence : data.sequences) {
      words.push_back(words_of(sequence, data.kind));
      tags.push_back(sequence.step_labels);
      tags.back().resize(words.back().size(), Labels::kNone);
    }
  }

  Index count() const {
    Index sum = 0;
    for (const auto& sentence : words) sum += static_cast<Index>(sentence.size());
    return sum;
  }
};

/// Names of states that were learnt without names.
Labels numbered(Index states) {
  Labels labels;
  for (Index state = 0; state < states; ++state) labels.add(std::to_string(state));
  return labels;
}

double nats_per_word(const HiddenMarkov& model, const Sentences& sentences) {
  double sum = 0;
  for (const auto& words : sentences.words) sum -= model.log_probability(words);
  return sum / static_cast<double>(std::max<Index>(sentences.count(), 1));
}

HiddenMarkovTagger count(const HiddenMarkovSettings& settings, const LabelledData& data, const Sentences& sentences,
                         HiddenMarkovRun& run) {
  const Labels labels = step_labels_of_training(data);
  const TaggerOptions options{
      .order = static_cast<int>(std::min<Index>(settings.order, 3)), .ending = settings.ending, .rare = settings.rare};
  HiddenMarkovTagger tagger(count_tagger(sentences.words, sentences.tags, labels.size(), options), labels);
  run.tagger = evaluate_tagger(tagger, data.valid);
  const TaggerOptions frequent{.order = 0, .ending = 0};
  HiddenMarkovTagger most_frequent(count_tagger(sentences.words, sentences.tags, labels.size(), frequent), labels);
  run.most_frequent = evaluate_tagger(most_frequent, data.valid).confusion.accuracy();
  return tagger;
}

HiddenMarkovTagger learn(const HiddenMarkovSettings& settings, const LabelledData& data, const Sentences& sentences,
                         HiddenMarkovRun& run) {
  BaumWelchResult result = learn_states(sentences.words, {.states = settings.states,
                                                          .iterations = settings.iterations,
                                                          .min_count = settings.min_count,
                                                          .seed = static_cast<std::uint64_t>(settings.data.seed)});
  run.log_probabilities = std::move(result.log_probabilities);
  run.valid_nats = nats_per_word(result.model, Sentences(data.valid));
  return HiddenMarkovTagger(std::move(result.model), numbered(settings.states));
}

}  // namespace

Settings HiddenMarkovSettings::list() {
  return joined(
      {data.list(),
       grouped("Model",
               {
                   {"order", "Tags before that a tag depends on: 0, 1 or 2", &order},
                   {"ending", "Letters of the longest ending that tells an unknown word's tag", &ending},
                   {"rare", "Words that occur at most this often tell what unknown words are like", &rare},
               }),
       grouped("Without tags",
               {
                   {"states", "Learn this many states from the words alone, by Baum and Welch's algorithm", &states},
                   {"iterations", "Iterations of that", &iterations},
                   {"min-count", "Words seen less often are one, the unknown word", &min_count},
               })});
}

std::string HiddenMarkovSettings::config() const {
  HiddenMarkovSettings recorded = *this;
  return config_text(kTask, recorded.list());
}

HiddenMarkovRun train_hidden_markov(const HiddenMarkovSettings& settings, const RunDirectory& run) {
  const LabelledData data = read_labelled_data(settings.data);
  const Sentences sentences(data.train);
  HiddenMarkovRun result;
  result.sentences = static_cast<Index>(data.train.sequences.size());
  result.words = sentences.count();
  result.remarks = data.remarks;
  const auto begin = std::chrono::steady_clock::now();
  const HiddenMarkovTagger tagger =
      settings.states > 0 ? learn(settings, data, sentences, result) : count(settings, data, sentences, result);
  result.states = tagger.labels().size();
  run.begin();
  write_atomically(run.config(), settings.config());
  save_labelling_model(run.model(), tagger, {settings.data.reading.over({})});
  result.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  return result;
}

}  // namespace unfold
