// Taggers that are networks: words with their spelling, or vectors -> a stack of recurrences in both directions ->
// scores of K labels at every step -> a softmax, or a conditional random field.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string_view>
#include <variant>
#include <vector>

#include "unfold/cell.h"
#include "unfold/labelling_model.h"
#include "unfold/layers.h"
#include "unfold/preparation.h"
#include "unfold/sequence_batches.h"
#include "unfold/tape.h"
#include "unfold/word_units.h"

namespace unfold {

/// How a word becomes a vector: the embedding of the word beside what a recurrence over its characters knows at its
/// end, and another one at its beginning that reads them backwards (Ling et al. 2015; Plank, Søgaard and Goldberg
/// 2016).
struct WordEncoderOptions {
  Index embed = 100;  // size of a word's embedding; 0 for none
  Index character_embed = 32;
  Index character_hidden = 64;  // units of each direction; 0: words are not spelt
};

struct RecurrentTaggerOptions {
  Cell cell = Cell::load("lstm");     // of the recurrences over words, or vectors, and over characters
  std::vector<Index> hidden = {200};  // units of each layer, from the bottom, in each direction
  WordEncoderOptions words = {};      // of vectors nothing
  Index window = 0;                   // steps before and after each that are read beside it; see steps_around
  bool random_field = false;          // a linear-chain conditional random field in place of a softmax at each step
  bool skip = false;                  // these two: see StackOptions
  bool residual = false;
  std::vector<Rewrite> rewrites = {};  // of the recurrences over words, or vectors
  DropoutOptions dropout = {};
  /// Share of a step's label that is spread over all labels; not with a random field.
  double label_smoothing = 0;
  Initialisation initialisation = {};
  std::uint64_t seed = 0;
  /// The usual batch and length of its sequences: the plan is made for them and runs for any.
  Index batch = 32;
  Index steps = 24;
  Precision precision = Precision::kFloat32;  // of the products of training
};

/// What a tagger reads: words that it knows, or vectors, standardised.
using TaggerInput = std::variant<WordUnits, Standardisation>;

/// Sequences side by side with the labels of their steps, as a tagger reads them.
struct TaggerBatch {
  std::variant<WordBatch, VectorBatch> input;
  std::vector<std::int32_t> labels;      // [N], Labels::kNone where there is none
  std::vector<std::uint64_t> sequences;  // [B] numbers, which the masks of dropout follow

  const Unrolling& unrolling() const;
};

/// Sequences, labelled or not, of which a tagger's batches are made.
class TaggerSequences {
 public:
  /// Throws InputError, naming the line, for sequences of another kind or size than `input`, which it refers to.
  TaggerSequences(const TaggerInput& input, std::span<const Sequence* const> sequences, SequenceKind kind);

  /// The steps of each, and those of them that have a label.
  const std::vector<Index>& lengths() const { return lengths_; }
  Index labelled(Index sequence) const;
  /// Of words; empty for vectors.
  const std::vector<Sentence>& sentences() const { return sentences_; }
  TaggerBatch batch(std::span<const Index> sequences) const;

 private:
  const TaggerInput* input_;
  std::vector<Index> lengths_;
  std::vector<std::vector<std::int32_t>> labels_;  // of each step
  std::vector<Sentence> sentences_;
  SequenceData vectors_;  // standardised
};

class RecurrentTagger final : public SequenceTagger {
 public:
  /// Throws InputError where the cell does not fit, UsageError for options out of range or that contradict each other.
  RecurrentTagger(RecurrentTaggerOptions options, TaggerInput input, Labels labels);
  ~RecurrentTagger() override;
  RecurrentTagger(RecurrentTagger&&) noexcept;
  RecurrentTagger& operator=(RecurrentTagger&&) noexcept;

  const RecurrentTaggerOptions& options() const;
  const TaggerInput& input() const;
  const Labels& labels() const override;
  bool knows(std::string_view word) const override;
  /// words.W, characters.W, spelling.0.forward.W_xi, ..., layers.0.forward.W_xi, ..., scores.W, scores.b,
  /// crf.transitions, crf.start, crf.end.
  const ParameterList& parameters() const;
  Index parameter_count() const;

  struct Loss {
    Variable objective;  // what training lowers
    double nats = 0;     // mean of -log p(labels) per labelled step
  };
  /// Masks are drawn for (options().seed, training_step).
  Loss loss(Tape& tape, const TaggerBatch& batch, std::uint64_t training_step);
  /// Keys of the random choices of a training step that are made about a batch before the network reads it.
  MaskKeys keys(const TaggerBatch& batch, std::uint64_t training_step) const;

  std::vector<Tagging> tag(std::span<const Sequence* const> sequences, SequenceKind kind,
                           bool with_probabilities) override;

 private:
  struct Implementation;
  std::unique_ptr<Implementation> implementation_;
};

/// Replaces `file` atomically by the model. Throws InputError where it cannot be written.
void save_labelling_model(const std::filesystem::path& file, RecurrentTagger& model, const ReadingDefaults& reading);

}  // namespace unfold
