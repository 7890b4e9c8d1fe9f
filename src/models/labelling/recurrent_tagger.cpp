#include "unfold/recurrent_tagger.h"

#include <fmt/core.h>

#include <algorithm>

#include "base/random.h"
#include "layers/dropout.h"
#include "layers/labels/step_output.h"
#include "models/labelling/word_encoder.h"
#include "models/network_options.h"
#include "recurrence/parse/definition.h"
#include "unfold/error.h"
#include "unfold/window.h"

namespace unfold {
namespace {

// Keys of the initial values and of the masks, by part of the model.
constexpr std::uint64_t kEncoderKey = 1;
constexpr std::uint64_t kLayersKey = 2;
constexpr std::uint64_t kScoresKey = 3;
constexpr std::uint64_t kMaskKey = 4;

// Steps that are tagged at once: enough to keep the matrix products busy, few enough to stay in the cache.
constexpr Index kStepsAtOnce = 2048;

RecurrentTaggerOptions checked(RecurrentTaggerOptions options, const Labels& labels) {
  if (labels.size() == 0) throw InputError("there is nothing to learn: no step of the training sequences has a label");
  if (options.hidden.empty() || *std::min_element(options.hidden.begin(), options.hidden.end()) < 1) {
    throw ContractError("a tagger needs layers of at least 1 unit");
  }
  if (options.window < 0) throw UsageError(fmt::format("a window has 0 steps or more, found {}", options.window));
  expect_sound(options.dropout, options.label_smoothing, options.hidden.size(), options.skip);
  if (options.random_field && options.label_smoothing > 0) {
    throw UsageError("label smoothing is for a softmax at each step; a random field has none");
  }
  return options;
}

/// Without a state there is nothing to carry from either end.
bool has_state(const Cell& cell) {
  const auto is_state = [](const recurrence::Declaration& declaration) {
    return declaration.kind == recurrence::Declaration::Kind::kState;
  };
  return std::ranges::any_of(cell.definition().syntax.declarations, is_state);
}

StackOptions stack_options(const RecurrentTaggerOptions& options, Index input) {
  StackOptions stack = stack_of(options, combine(options.seed, kLayersKey));
  stack.input = (2 * options.window + 1) * input;
  stack.bidirectional = has_state(options.cell);
  return stack;
}

std::optional<WordEncoder> make_encoder(RecurrentTaggerOptions options, const TaggerInput& input) {
  options.seed = combine(options.seed, kEncoderKey);
  const auto* units = std::get_if<WordUnits>(&input);
  return units == nullptr ? std::nullopt : std::make_optional<WordEncoder>(options, *units);
}

void append(ParameterList& to, const ParameterList& from) { to.insert(to.end(), from.begin(), from.end()); }

}  // namespace

struct RecurrentTagger::Implementation {
  Implementation(RecurrentTaggerOptions chosen, TaggerInput read, Labels names)
      : options(checked(std::move(chosen), names)),
        input(std::move(read)),
        labels(std::move(names)),
        encoder(make_encoder(options, input)),
        stack(options.cell, stack_options(options, input_size())),
        scores(stack.output_size(), labels.size(), combine(options.seed, kScoresKey), "scores"),
        output(options.random_field ? make_random_field(labels.size())
                                    : make_softmax_steps(labels.size(), options.label_smoothing)) {
    if (encoder) append(parameters, encoder->parameters());
    append(parameters, stack.parameters());
    append(parameters, scores.parameters());
    append(parameters, output->parameters());
  }

  Index input_size() const {
    return encoder ? encoder->output_size() : static_cast<Index>(std::get<Standardisation>(input).mean.size());
  }

  /// The scores [N, K] of a batch.
  Variable run(Tape& tape, const std::variant<WordBatch, VectorBatch>& batch, Mode mode, const MaskKeys& keys) {
    const auto* words = std::get_if<WordBatch>(&batch);
    if ((words != nullptr) != encoder.has_value()) {
      throw ContractError("a tagger of words was given vectors, or the other way around");
    }
    const Unrolling& unrolling = words != nullptr ? words->unrolling : std::get<VectorBatch>(batch).unrolling;
    Variable x = words != nullptr ? encoder->forward(tape, *words, mode, keys)
                                  : tape.constant(Tensor(std::get<VectorBatch>(batch).values));
    const bool drops = mode != Mode::kEvaluation;
    if (drops) x = drop(tape, x, options.dropout.input, unrolling, keys, DropoutSite::kInput);
    if (options.window > 0) x = steps_around(tape, x, unrolling, options.window);
    const State begin{.batch = unrolling.batch()};
    Variable y = stack.forward(tape, x, unrolling, begin, mode, keys).output;
    if (drops) y = drop(tape, y, options.dropout.output, unrolling, keys, DropoutSite::kOutput);
    return scores.forward(tape, y);
  }

  RecurrentTaggerOptions options;
  TaggerInput input;
  Labels labels;
  std::optional<WordEncoder> encoder;  // none for vectors
  RecurrentStack stack;
  Linear scores;
  std::unique_ptr<StepOutput> output;
  ParameterList parameters;
};

RecurrentTagger::RecurrentTagger(RecurrentTaggerOptions options, TaggerInput input, Labels labels)
    : implementation_(std::make_unique<Implementation>(std::move(options), std::move(input), std::move(labels))) {}
RecurrentTagger::~RecurrentTagger() = default;
RecurrentTagger::RecurrentTagger(RecurrentTagger&&) noexcept = default;
RecurrentTagger& RecurrentTagger::operator=(RecurrentTagger&&) noexcept = default;

const RecurrentTaggerOptions& RecurrentTagger::options() const { return implementation_->options; }
const TaggerInput& RecurrentTagger::input() const { return implementation_->input; }
const Labels& RecurrentTagger::labels() const { return implementation_->labels; }
const ParameterList& RecurrentTagger::parameters() const { return implementation_->parameters; }

bool RecurrentTagger::knows(std::string_view word) const {
  const auto* units = std::get_if<WordUnits>(&implementation_->input);
  return units == nullptr || units->word(word) != WordUnits::kUnknownWord;
}

Index RecurrentTagger::parameter_count() const {
  Index count = 0;
  for (const Parameter* parameter : parameters()) count += parameter->trainable() ? parameter->value().count() : 0;
  return count;
}

MaskKeys RecurrentTagger::keys(const TaggerBatch& batch, std::uint64_t training_step) const {
  MaskKeys keys;
  keys.seed = combine(implementation_->options.seed, kMaskKey);
  keys.training_step = training_step;
  keys.sequences = batch.sequences;
  return keys;
}

RecurrentTagger::Loss RecurrentTagger::loss(Tape& tape, const TaggerBatch& batch, std::uint64_t training_step) {
  const Variable scores = implementation_->run(tape, batch.input, Mode::kTraining, keys(batch, training_step));
  Loss loss;
  loss.objective = implementation_->output->loss(tape, scores, batch.unrolling(), batch.labels, loss.nats);
  return loss;
}

std::vector<Tagging> RecurrentTagger::tag(std::span<const Sequence* const> sequences, SequenceKind kind,
                                          bool with_probabilities) {
  const TaggerSequences read(implementation_->input, sequences, kind);
  std::vector<Tagging> taggings(sequences.size());
  for (const std::vector<Index>& group : group_by_length(read.lengths(), kStepsAtOnce)) {
    const TaggerBatch batch = read.batch(group);
    if (batch.unrolling().rows() == 0) continue;  // sequences without steps
    Tape tape(Tape::Recording::kOff);
    const Tensor& scores = tape.value(implementation_->run(tape, batch.input, Mode::kEvaluation, {}));
    std::vector<LabelledSteps> labelled =
        implementation_->output->decode(scores, batch.unrolling(), with_probabilities);
    for (std::size_t i = 0; i < group.size(); ++i) {
      taggings[static_cast<std::size_t>(group[i])] = {.tags = std::move(labelled[i].labels),
                                                      .probabilities = std::move(labelled[i].probabilities)};
    }
  }
  return taggings;
}

}  // namespace unfold
