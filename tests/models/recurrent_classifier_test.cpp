// Classifiers that are networks: batching, gradients, weights of classes, files.
#include "unfold/recurrent_classifier.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>

#include "base/expect_error.h"
#include "base/temporary_folder.h"
#include "models/safetensors.h"
#include "tape/gradient_check.h"
#include "unfold/error.h"

namespace unfold {
namespace {

// Rounding of float32 a few products deep; batches of different sizes may be summed in another order.
constexpr double kBatchingTolerance = 1e-5;
// Of differences of a loss near 1 in float32, over steps of 1/32: a few times 6e-8 * 32. Gradients are up to 0.1.
constexpr double kLossTolerance = 3e-5;

Labels three_labels() { return Labels(std::vector<std::string>{"a", "b", "c"}); }

SequenceData texts() {
  SequenceData data;
  for (const char* text : {"the cat sat", "a", "", "one two three four five six", "cat"}) {
    Sequence sequence;
    sequence.text = text;
    sequence.line = static_cast<Index>(data.sequences.size()) + 1;
    data.sequences.push_back(sequence);
  }
  return data;
}

SequenceData vectors() {
  SequenceData data;
  data.kind = SequenceKind::kVectors;
  for (const Index steps : {3, 1, 5}) {
    Sequence sequence;
    sequence.values = random_tensor({steps, 2}, static_cast<std::uint64_t>(steps));
    data.sequences.push_back(sequence);
  }
  data.sequences[0].values[1] = std::nanf("");
  return data;
}

RecurrentClassifier classifier_of(const SequenceData& data, Index embed, Pooling::Kind pooling, bool bidirectional) {
  RecurrentClassifierOptions options;
  options.hidden = {4};
  options.embed = embed;
  options.pooling = pooling;
  options.bidirectional = bidirectional;
  options.seed = 3;
  ClassifierInput input = data.kind == SequenceKind::kVectors
                              ? ClassifierInput(Standardisation::of(data))
                              : ClassifierInput(vocabulary_of(data, Level::kWord, 0, 1));
  return {options, std::move(input), three_labels()};
}

std::vector<const Sequence*> pointers(const SequenceData& data) {
  std::vector<const Sequence*> result;
  for (const Sequence& sequence : data.sequences) result.push_back(&sequence);
  return result;
}

TEST(RecurrentClassifier, BatchingChangesNoProbability) {
  for (const SequenceData& data : {texts(), vectors()}) {
    for (const Pooling::Kind pooling :
         {Pooling::Kind::kLast, Pooling::Kind::kMax, Pooling::Kind::kMean, Pooling::Kind::kAttention}) {
      for (const Index embed : {0, 3}) {
        if (embed > 0 && data.kind == SequenceKind::kVectors) continue;
        RecurrentClassifier model = classifier_of(data, embed, pooling, true);
        const std::vector<double> together = model.probabilities(pointers(data), data.kind);
        for (std::size_t i = 0; i < data.sequences.size(); ++i) {
          const Sequence* const one = &data.sequences[i];
          const std::vector<double> alone = model.probabilities(std::span(&one, 1), data.kind);
          EXPECT_NEAR(alone[0] + alone[1] + alone[2], 1, 1e-12);
          for (std::size_t k = 0; k < 3; ++k) EXPECT_NEAR(together[i * 3 + k], alone[k], kBatchingTolerance);
        }
      }
    }
  }
}

/// A multilayer perceptron on the first two steps.
RecurrentClassifier window_on(const SequenceData& data, Index embed) {
  RecurrentClassifierOptions options{.cell = Cell::load("mlp")};
  options.hidden = {4};
  options.embed = embed;
  options.window = 2;
  ClassifierInput input = data.kind == SequenceKind::kVectors
                              ? ClassifierInput(Standardisation::of(data))
                              : ClassifierInput(vocabulary_of(data, Level::kWord, 0, 1));
  return {options, std::move(input), three_labels()};
}

TEST(RecurrentClassifier, AWindowReadsTheFirstStepsEachWithItsOwnWeights) {
  SequenceData data;
  for (const char* text : {"the cat sat", "the cat", "cat the"}) data.sequences.emplace_back().text = text;
  for (const Index embed : {0, 3}) {
    RecurrentClassifier model = window_on(data, embed);
    const std::vector<double> p = model.probabilities(pointers(data), data.kind);
    EXPECT_EQ(p[0], p[3]);  // what comes later is not read
    EXPECT_NE(p[3], p[6]);
    const Index width = embed > 0 ? embed : std::get<Vocabulary>(model.input()).size();
    EXPECT_EQ(model.parameters()[embed > 0 ? 1 : 0]->value().shape(), (Shape{4, 2 * width}));
  }
  // By hand: tanh(W [x_1, x_2] + b) of vectors, the second sequence has one step.
  const SequenceData numbers = vectors();
  RecurrentClassifier model = window_on(numbers, 0);
  const EncodedSequence one = encode(numbers.sequences[1], numbers.kind, model.input());
  const Tensor& W = model.parameters()[0]->value();
  const Tensor& output = model.parameters()[2]->value();
  std::array<double, 3> expected{};
  double sum = 0;
  for (Index k = 0; k < 3; ++k) {
    double z = 0;
    for (Index h = 0; h < 4; ++h) {
      z += static_cast<double>(output[4 * k + h]) *
           std::tanh(static_cast<double>(W[4 * h] * one.values[0] + W[4 * h + 1] * one.values[1]));
    }
    sum += expected[static_cast<std::size_t>(k)] = std::exp(z);
  }
  const std::vector<double> found = model.probabilities(pointers(numbers), numbers.kind);
  for (std::size_t k = 0; k < 3; ++k) EXPECT_NEAR(found[3 + k], expected[k] / sum, kBatchingTolerance);
}

TEST(RecurrentClassifier, Gradients) {
  const SequenceData data = texts();
  RecurrentClassifier model = classifier_of(data, 3, Pooling::Kind::kAttention, true);
  std::vector<EncodedSequence> encoded;
  for (const Sequence& sequence : data.sequences) encoded.push_back(encode(sequence, data.kind, model.input()));
  RecurrentClassifier::Batch batch{.sequences = {}, .labels = {0, 2, 1, 0, 2}, .numbers = {0, 1, 2, 3, 4}};
  for (const EncodedSequence& sequence : encoded) batch.sequences.push_back(&sequence);
  const std::vector<float> weights = {0.5F, 2, 1};
  const Network network = [&](Tape& tape, const std::vector<Variable>&) {
    return model.loss(tape, batch, weights, 0).objective;
  };
  EXPECT_LT(compare_gradients({}, network, model.parameters()).absolute, kLossTolerance);

  // The mean of w_n (-log p_n), by hand.
  Tape tape;
  const RecurrentClassifier::Loss loss = model.loss(tape, batch, weights, 0);
  const std::vector<double> p = model.probabilities(pointers(data), data.kind);
  double weighted = 0;
  double plain = 0;
  for (std::size_t n = 0; n < 5; ++n) {
    const double nats = -std::log(p[n * 3 + static_cast<std::size_t>(batch.labels[n])]);
    weighted += static_cast<double>(weights[static_cast<std::size_t>(batch.labels[n])]) * nats / 5;
    plain += nats / 5;
  }
  EXPECT_NEAR(tape.value(loss.objective)[0], weighted, 1e-5);
  EXPECT_NEAR(loss.nats, plain, 1e-5);
}

TEST(RecurrentClassifier, MasksDoNotDependOnBatching) {
  const SequenceData data = texts();
  RecurrentClassifierOptions options;
  options.hidden = {4};
  options.embed = 3;
  options.dropout.output.rate = 0.5;
  options.dropout.input.rate = 0.3;
  RecurrentClassifier model(options, vocabulary_of(data, Level::kWord, 0, 1), three_labels());
  std::vector<EncodedSequence> encoded;
  for (const Sequence& sequence : data.sequences) encoded.push_back(encode(sequence, data.kind, model.input()));
  const auto nats = [&](const std::vector<std::uint64_t>& numbers) {
    RecurrentClassifier::Batch batch;
    for (const std::uint64_t number : numbers) {
      batch.sequences.push_back(&encoded[number]);
      batch.labels.push_back(1);
    }
    batch.numbers = numbers;
    Tape tape(Tape::Recording::kOff);
    return model.loss(tape, batch, {}, 7).nats;
  };
  EXPECT_NEAR(nats({0, 3}), (nats({0}) + nats({3})) / 2, kBatchingTolerance);
}

TEST(RecurrentClassifier, ComesBackFromItsFile) {
  const TemporaryFolder folder;
  const std::filesystem::path file = folder.path() / "model.safetensors";
  for (const SequenceData& data : {texts(), vectors()}) {
    RecurrentClassifier model = classifier_of(data, 0, Pooling::Kind::kAttention, true);
    save_labelling_model(file, model, {{.label = "kind"}});
    EXPECT_TRUE(is_labelling_model(file));
    LoadedLabellingModel loaded = load_labelling_model(file);
    EXPECT_EQ(loaded.reading.options.label, "kind");
    EXPECT_EQ(loaded.labels(), three_labels());
    auto& again = *std::get<std::unique_ptr<SequenceClassifier>>(loaded.model);
    EXPECT_EQ(again.probabilities(pointers(data), data.kind), model.probabilities(pointers(data), data.kind));
  }
}

TEST(RecurrentClassifier, AWindowComesBackFromItsFile) {
  const TemporaryFolder folder;
  const std::filesystem::path file = folder.path() / "model.safetensors";
  const SequenceData data = texts();
  RecurrentClassifier model = window_on(data, 3);
  save_labelling_model(file, model, {});
  LoadedLabellingModel loaded = load_labelling_model(file);
  auto& again = *std::get<std::unique_ptr<SequenceClassifier>>(loaded.model);
  EXPECT_EQ(again.probabilities(pointers(data), data.kind), model.probabilities(pointers(data), data.kind));
}

TEST(RecurrentClassifier, ADamagedFileIsAnError) {
  const TemporaryFolder folder;
  const std::filesystem::path path = folder.path() / "model.safetensors";
  RecurrentClassifier model = classifier_of(texts(), 0, Pooling::Kind::kMax, false);
  save_labelling_model(path, model, {});
  TensorFile file = read_tensor_file(path);
  Tensor bias({3}, std::vector<float>{1, 0, 0});
  file.tensors["output.b"] = StoredTensor::of(bias);
  write_tensor_file(path, file);
  expect_error<InputError>([&] { load_labelling_model(path); }, {"self-test"});
  file.tensors.erase("output.b");
  write_tensor_file(path, file);
  expect_error<InputError>([&] { load_labelling_model(path); }, {"output.b"});
}

TEST(RecurrentClassifier, SaysWhatItCannotRead) {
  const SequenceData words = texts();
  const SequenceData numbers = vectors();
  RecurrentClassifier of_words = classifier_of(words, 0, Pooling::Kind::kMax, false);
  RecurrentClassifier of_numbers = classifier_of(numbers, 0, Pooling::Kind::kMax, false);
  expect_error<InputError>([&] { of_numbers.probabilities(pointers(words), words.kind); }, {"line 1", "2 numbers"});
  EXPECT_THROW(of_words.probabilities(pointers(numbers), numbers.kind), InputError);
  RecurrentClassifierOptions options;
  EXPECT_THROW(RecurrentClassifier(options, of_words.input(), Labels(std::vector<std::string>{"one"})), InputError);
  options.rewrites = {{.kind = Rewrite::Kind::kTeacherForcing, .state = "h"}};
  EXPECT_THROW(RecurrentClassifier(options, of_words.input(), three_labels()), UsageError);
  options.rewrites.clear();
  options.dropout.input.rate = 0.5;
  EXPECT_THROW(RecurrentClassifier(options, of_words.input(), three_labels()), UsageError);
  options.dropout.input.rate = 0;
  options.window = -1;
  EXPECT_THROW(RecurrentClassifier(options, of_words.input(), three_labels()), UsageError);
}

TEST(RecurrentClassifier, NamesAreReadAsCharactersAndSentencesAsWords) {
  EXPECT_EQ(usual_level(texts()), Level::kChar);
  SequenceData sentences;
  sentences.sequences.resize(2);
  for (Sequence& sequence : sentences.sequences) sequence.text = "this is a whole sentence";
  EXPECT_EQ(usual_level(sentences), Level::kWord);
  const Vocabulary rare = vocabulary_of(texts(), Level::kWord, 0, 2);
  EXPECT_TRUE(rare.find("cat"));
  EXPECT_FALSE(rare.find("sat"));
  EXPECT_THROW(vocabulary_of(texts(), Level::kBpe, 300, 1), UsageError);
}

}  // namespace
}  // namespace unfold
