#include "unfold/recurrent_classifier.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <optional>

#include "base/random.h"
#include "layers/dropout.h"
#include "layers/sequence_input.h"
#include "layers/start.h"
#include "models/labelling/sequence_symbols.h"
#include "models/network_options.h"
#include "tape/operations/weighted_cross_entropy.h"
#include "unfold/error.h"
#include "unfold/sequence_batches.h"
#include "unfold/window.h"

namespace unfold {
namespace {

// Keys of the initial values, by part of the model.
constexpr std::uint64_t kEmbeddingKey = 1;
constexpr std::uint64_t kLayersKey = 2;
constexpr std::uint64_t kPoolingKey = 3;
constexpr std::uint64_t kOutputKey = 4;
constexpr std::uint64_t kMaskKey = 5;

// Steps that are labelled at once.
constexpr Index kStepsAtOnce = 8192;

bool reads_symbols(const ClassifierInput& input) { return std::holds_alternative<Vocabulary>(input); }

/// V, or I.
Index input_size(const ClassifierInput& input) {
  if (const auto* vocabulary = std::get_if<Vocabulary>(&input)) return vocabulary->size();
  return static_cast<Index>(std::get<Standardisation>(input).mean.size());
}

void expect_consistent(const RecurrentClassifierOptions& options, const ClassifierInput& input, const Labels& labels) {
  if (labels.size() < 2) {
    throw InputError(fmt::format("expected at least 2 different labels to tell apart, found {}", labels.size()));
  }
  const DropoutOptions& dropout = options.dropout;
  expect_sound(dropout, options.label_smoothing, options.hidden.size(), options.skip);
  if (options.window < 0) throw UsageError(fmt::format("a window has 0 steps or more, found {}", options.window));
  if (options.skip && options.bidirectional && options.pooling == Pooling::Kind::kLast) {
    throw UsageError("with skip connections both directions of all layers lie side by side: pool them by max or mean");
  }
  const auto forces = [](const Rewrite& rewrite) { return rewrite.kind == Rewrite::Kind::kTeacherForcing; };
  if (std::any_of(options.rewrites.begin(), options.rewrites.end(), forces)) {
    throw UsageError("teacher forcing feeds the label of the step before; a sequence that is classified has one label");
  }
  if (!reads_symbols(input) && (options.embed > 0 || dropout.words > 0)) {
    throw UsageError("an embedding (--embed), and dropout of its words, are for texts; these sequences are of numbers");
  }
  if (reads_symbols(input) && options.embed == 0 && (dropout.words > 0 || dropout.input.rate > 0)) {
    throw UsageError(
        "dropout of words and of the input drops parts of an embedding, and there is none; give it a size (--embed)");
  }
}

StackOptions stack_options(const RecurrentClassifierOptions& options, const ClassifierInput& input, Index labels) {
  using Kind = InputValues::Kind;
  const Index size = input_size(input);
  const bool embedded = options.embed > 0;
  // Dropped vectors are no rows of the table any more.
  const bool dropped = options.dropout.words > 0 || options.dropout.input.rate > 0;
  const Kind kind = !reads_symbols(input) || (embedded && dropped) ? Kind::kDense
                    : embedded                                     ? Kind::kEmbedded
                                                                   : Kind::kOneHot;
  const Index width = embedded ? options.embed : size;
  StackOptions stack = stack_of(options, combine(options.seed, kLayersKey));
  stack.input = std::max<Index>(1, options.window) * width;
  stack.target = labels;
  stack.bidirectional = options.bidirectional;
  if (options.window > 0) {
    stack.workload.steps = 1;
  } else {
    stack.workload.input = kind;
    stack.workload.vocabulary = kind == Kind::kEmbedded ? size : 0;
  }
  return stack;
}

/// [output size] true for what a recurrence wrote that reads from the end: the second half.
std::vector<bool> backward_columns(const RecurrentStack& stack, bool bidirectional) {
  const auto size = static_cast<std::size_t>(stack.output_size());
  std::vector<bool> columns(size, false);
  if (bidirectional) std::fill(columns.begin() + static_cast<std::ptrdiff_t>(size / 2), columns.end(), true);
  return columns;
}

/// The sequences side by side, as a recurrence reads them.
struct Rows {
  Unrolling unrolling;
  std::vector<std::int32_t> symbols;  // [N]
  Tensor values;                      // [N, I]
};

Rows rows_of(std::span<const EncodedSequence* const> sequences, bool symbols, Index width) {
  std::vector<Index> lengths;
  for (const EncodedSequence* sequence : sequences) lengths.push_back(sequence->steps);
  Rows rows;
  rows.unrolling = Unrolling::ragged(lengths);
  if (symbols) rows.symbols.resize(static_cast<std::size_t>(rows.unrolling.rows()));
  if (!symbols) rows.values = Tensor({rows.unrolling.rows(), width});
  for (std::size_t s = 0; s < sequences.size(); ++s) {
    for (Index t = 0; t < lengths[s]; ++t) {
      const Index row = rows.unrolling.row(static_cast<Index>(s), t);
      if (symbols) {
        rows.symbols[static_cast<std::size_t>(row)] = sequences[s]->symbols[static_cast<std::size_t>(t)];
      } else {
        std::copy_n(sequences[s]->values.data() + t * width, width, rows.values.data() + row * width);
      }
    }
  }
  return rows;
}

/// exp(z_k) / sum of all, in double.
void softmax(std::span<const float> logits, std::span<double> probabilities) {
  const double most = *std::max_element(logits.begin(), logits.end());
  double sum = 0;
  for (std::size_t k = 0; k < logits.size(); ++k) {
    sum += probabilities[k] = std::exp(static_cast<double>(logits[k]) - most);
  }
  for (double& probability : probabilities) probability /= sum;
}

}  // namespace

struct RecurrentClassifier::Implementation {
  Implementation(RecurrentClassifierOptions chosen, ClassifierInput read, Labels names);

  /// The logits [B, K].
  Variable logits(Tape& tape, std::span<const EncodedSequence* const> sequences, Mode mode, const MaskKeys& keys);

  RecurrentClassifierOptions options;
  ClassifierInput input;
  Labels labels;
  std::optional<Parameter> table;  // [V, embed]
  RecurrentStack stack;
  Pooling pooling;
  Linear output;
  ParameterList parameters;

 private:
  SequenceInput read(Tape& tape, Rows& rows, Mode mode, const MaskKeys& keys);
  /// Of the vector of a step.
  Index width() const { return table ? options.embed : input_size(input); }
};

RecurrentClassifier::Implementation::Implementation(RecurrentClassifierOptions chosen, ClassifierInput read,
                                                    Labels names)
    : options((expect_consistent(chosen, read, names), std::move(chosen))),
      input(std::move(read)),
      labels(std::move(names)),
      stack(options.cell, stack_options(options, input, labels.size())),
      pooling(options.pooling, backward_columns(stack, options.bidirectional), combine(options.seed, kPoolingKey),
              "pooling"),
      output(stack.output_size(), labels.size(), combine(options.seed, kOutputKey), "output") {
  if (options.embed > 0) {
    table.emplace("embedding.W", Shape{input_size(input), options.embed});
    // What a layer computes from an embedded symbol then starts as large as from a one-hot one.
    start_normal(*table, 1.0 / std::sqrt(static_cast<double>(options.embed)), combine(options.seed, kEmbeddingKey));
    parameters.push_back(&*table);
  }
  for (const ParameterList* list : {&stack.parameters(), &pooling.parameters(), &output.parameters()}) {
    parameters.insert(parameters.end(), list->begin(), list->end());
  }
}

SequenceInput RecurrentClassifier::Implementation::read(Tape& tape, Rows& rows, Mode mode, const MaskKeys& keys) {
  const DropoutOptions& dropout = options.dropout;
  if (!reads_symbols(input)) {
    const Variable values = tape.constant(std::move(rows.values));
    if (mode == Mode::kEvaluation) return values;
    return drop(tape, values, dropout.input, rows.unrolling, keys, DropoutSite::kInput);
  }
  if (!table) return OneHotTokens{rows.symbols};
  if (mode == Mode::kEvaluation || (dropout.words == 0 && dropout.input.rate == 0)) {
    return EmbeddedTokens{rows.symbols, &*table};
  }
  const Variable words =
      drop_words(tape, embedding(tape, *table, rows.symbols), dropout.words, rows.symbols, rows.unrolling, keys);
  return drop(tape, words, dropout.input, rows.unrolling, keys, DropoutSite::kInput);
}

Variable RecurrentClassifier::Implementation::logits(Tape& tape, std::span<const EncodedSequence* const> sequences,
                                                     Mode mode, const MaskKeys& keys) {
  Rows rows = rows_of(sequences, reads_symbols(input), input_size(input));
  const Unrolling once = Unrolling::equal(1, rows.unrolling.batch());
  const Unrolling& unrolling = options.window > 0 ? once : rows.unrolling;
  SequenceInput reads = read(tape, rows, mode, keys);
  if (options.window > 0) reads = first_steps(tape, vectors(tape, reads, width()), rows.unrolling, options.window);
  const State start{.batch = unrolling.batch()};
  const Variable written = stack.forward(tape, reads, unrolling, start, mode, keys).output;
  Variable pooled = pooling.forward(tape, written, unrolling);
  if (mode != Mode::kEvaluation) pooled = drop(tape, pooled, options.dropout.output, once, keys, DropoutSite::kOutput);
  return output.forward(tape, pooled);
}

RecurrentClassifier::RecurrentClassifier(RecurrentClassifierOptions options, ClassifierInput input, Labels labels)
    : implementation_(std::make_unique<Implementation>(std::move(options), std::move(input), std::move(labels))) {}

RecurrentClassifier::~RecurrentClassifier() = default;
RecurrentClassifier::RecurrentClassifier(RecurrentClassifier&&) noexcept = default;
RecurrentClassifier& RecurrentClassifier::operator=(RecurrentClassifier&&) noexcept = default;

const RecurrentClassifierOptions& RecurrentClassifier::options() const { return implementation_->options; }
const ClassifierInput& RecurrentClassifier::input() const { return implementation_->input; }
const Labels& RecurrentClassifier::labels() const { return implementation_->labels; }
const ParameterList& RecurrentClassifier::parameters() const { return implementation_->parameters; }

Index RecurrentClassifier::parameter_count() const {
  Index count = 0;
  for (const Parameter* parameter : parameters()) count += parameter->trainable() ? parameter->value().count() : 0;
  return count;
}

EncodedSequence encode(const Sequence& sequence, SequenceKind kind, const ClassifierInput& input) {
  EncodedSequence encoded;
  if (const auto* vocabulary = std::get_if<Vocabulary>(&input)) {
    encoded.symbols = symbols_of(sequence, kind, *vocabulary);
    encoded.steps = static_cast<Index>(encoded.symbols.size());
    return encoded;
  }
  const Standardisation& statistics = std::get<Standardisation>(input);
  const auto width = static_cast<Index>(statistics.mean.size());
  if (kind != SequenceKind::kVectors || sequence.values.shape()[1] != width) {
    throw InputError(
        fmt::format("line {}: the model reads vectors of {} numbers, found {}", sequence.line, width,
                    kind != SequenceKind::kVectors ? "text" : fmt::format("{}", sequence.values.shape()[1])));
  }
  encoded.values = sequence.values;
  statistics.apply(encoded.values);
  encoded.steps = encoded.values.shape()[0];
  return encoded;
}

RecurrentClassifier::Loss RecurrentClassifier::loss(Tape& tape, const Batch& batch,
                                                    std::span<const float> class_weights, std::uint64_t training_step) {
  MaskKeys keys;
  keys.seed = combine(options().seed, kMaskKey);
  keys.training_step = training_step;
  keys.sequences = batch.numbers;
  const Variable logits = implementation_->logits(tape, batch.sequences, Mode::kTraining, keys);
  std::vector<float> weights;
  for (const std::int32_t label : batch.labels) {
    if (!class_weights.empty()) weights.push_back(class_weights[static_cast<std::size_t>(label)]);
  }
  Loss loss;
  loss.objective = weighted_cross_entropy(tape, logits, batch.labels, weights, options().label_smoothing, &loss.nats);
  return loss;
}

std::vector<double> RecurrentClassifier::probabilities(std::span<const EncodedSequence* const> sequences) {
  std::vector<Index> lengths;
  for (const EncodedSequence* sequence : sequences) lengths.push_back(sequence->steps);
  const auto K = static_cast<std::size_t>(labels().size());
  std::vector<double> result(sequences.size() * K);
  Tape tape(Tape::Recording::kOff);
  for (const std::vector<Index>& group : group_by_length(lengths, kStepsAtOnce)) {
    std::vector<const EncodedSequence*> some;
    for (const Index number : group) some.push_back(sequences[static_cast<std::size_t>(number)]);
    tape.clear();
    const Tensor& logits = tape.value(implementation_->logits(tape, some, Mode::kEvaluation, {}));
    for (std::size_t i = 0; i < group.size(); ++i) {
      softmax(logits.values().subspan(i * K, K), std::span(result).subspan(static_cast<std::size_t>(group[i]) * K, K));
    }
  }
  return result;
}

std::vector<double> RecurrentClassifier::probabilities(std::span<const Sequence* const> sequences, SequenceKind kind) {
  std::vector<EncodedSequence> encoded;
  std::vector<const EncodedSequence*> pointers;
  for (const Sequence* sequence : sequences) encoded.push_back(encode(*sequence, kind, input()));
  for (const EncodedSequence& sequence : encoded) pointers.push_back(&sequence);
  return probabilities(pointers);
}

}  // namespace unfold
