#include "tasks/bench/labelling.h"

#include <memory>
#include <numeric>

#include "tasks/bench/rates.h"
#include "tasks/bench/sentences.h"
#include "tasks/classifier/classifier.h"
#include "tasks/classifier/trainee.h"
#include "tasks/tagging/tagging.h"
#include "tasks/tagging/trainee.h"

namespace unfold {
namespace {

constexpr Index kSentences = 750;

/// A network in training, with the data that it reads: trained and validated on the same sentences.
template <class Data, class TaskTrainee>
struct Course {
  template <class Settings>
  Course(const Settings& settings, Data read) : data(std::move(read)), trainee(settings, data) {}

  void train_an_epoch() {
    for (Index left = trainee.batches().batches(epoch++); left > 0; --left) trainee.train(step++);
  }

  Data data;
  TaskTrainee trainee;
  Index epoch = 0;
  Index step = 0;
};

struct Sentences {
  std::vector<Index> ragged = sentence_lengths(kSentences);
  Index words = std::accumulate(ragged.begin(), ragged.end(), Index{0});
  /// As many words, but for the last sentence's.
  std::vector<Index> equal = std::vector<Index>(static_cast<std::size_t>(kSentences), words / kSentences);
};

double words_of(const std::vector<Index>& lengths) {
  return static_cast<double>(std::accumulate(lengths.begin(), lengths.end(), Index{0}));
}

/// make(SequenceData) -> a course, in a shared_ptr.
template <class Make>
LabellingRates measure(const Make& make, int rounds) {
  const Sentences sentences;
  std::vector<Load> loads;
  for (const std::vector<Index>& lengths : {sentences.ragged, sentences.equal}) {
    const auto course = make(make_sentences(lengths));
    const auto train = [course](Index count) {
      for (Index i = 0; i < count; ++i) course->train_an_epoch();
    };
    const auto predict = [course](Index count) {
      for (Index i = 0; i < count; ++i) course->trainee.validate();
    };
    loads.push_back({.name = "training", .work = words_of(lengths), .repeat = train});
    loads.push_back({.name = "prediction", .work = words_of(lengths), .repeat = predict});
  }
  const std::vector<double> rates = measure_rates(loads, rounds);
  return {.training = {.ragged = rates[0], .equal = rates[2]}, .prediction = {.ragged = rates[1], .equal = rates[3]}};
}

LabelledData labelled(SequenceData sentences) {
  return {.train = sentences, .valid = std::move(sentences), .remarks = {}};
}

}  // namespace

LabellingRates measure_tagging(TaggerSettings settings, int rounds) {
  complete(settings);
  settings.optimizer.schedule = "constant";  // the others need to know the number of steps
  return measure(
      [&](SequenceData sentences) {
        return std::make_shared<Course<LabelledData, TaggerTrainee>>(settings, labelled(std::move(sentences)));
      },
      rounds);
}

LabellingRates measure_classifying(ClassifierSettings settings, int rounds) {
  complete(settings);
  settings.optimizer.schedule = "constant";
  return measure(
      [&](SequenceData sentences) {
        ClassifierData data = encode_data(labelled(std::move(sentences)), settings);
        return std::make_shared<Course<ClassifierData, ClassifierTrainee>>(settings, std::move(data));
      },
      rounds);
}

}  // namespace unfold
