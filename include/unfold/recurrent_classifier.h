// A network that gives sequences a label: symbols or vectors -> stack of recurrences -> pooling -> softmax over labels.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "unfold/cell.h"
#include "unfold/labelling_model.h"
#include "unfold/layers.h"
#include "unfold/pooling.h"
#include "unfold/preparation.h"
#include "unfold/vocabulary.h"

namespace unfold {

struct RecurrentClassifierOptions {
  Cell cell = Cell::load("lstm");
  std::vector<Index> hidden = {128};  // units of each layer, from the bottom
  bool bidirectional = false;         // these three: see StackOptions
  bool skip = false;
  bool residual = false;
  Index embed = 0;  // size of the embedding of symbols; 0: one-hot input
  /// Above 0: the first steps of the sequence, so many, are read at once, each with weights of its own, and nothing of
  /// what comes later; see first_steps.
  Index window = 0;
  Pooling::Kind pooling = Pooling::Kind::kMax;
  std::vector<Rewrite> rewrites = {};
  DropoutOptions dropout = {};  // `output` drops elements of the pooled vector
  double label_smoothing = 0;
  Initialisation initialisation = {};  // `matrices` are those inside the recurrence
  std::uint64_t seed = 0;              // of the initial values and of all masks
  Index batch = 32;                    // the usual batch and steps: the plan is made for them and runs for any
  Index steps = 32;
  Precision precision = Precision::kFloat32;  // of training's products
};

/// What the network reads: symbols of a vocabulary with an unknown symbol, or vectors with these statistics.
using ClassifierInput = std::variant<Vocabulary, Standardisation>;

/// Sequences as the network reads them: ids of symbols, or standardised vectors.
struct EncodedSequence {
  std::vector<std::int32_t> symbols;
  Tensor values;  // [T, I]
  Index steps = 0;
};

/// Throws InputError, naming the line, for a sequence of another kind or size.
EncodedSequence encode(const Sequence& sequence, SequenceKind kind, const ClassifierInput& input);

class RecurrentClassifier final : public SequenceClassifier {
 public:
  /// Throws InputError where the cell does not fit, UsageError for options that contradict each other.
  RecurrentClassifier(RecurrentClassifierOptions options, ClassifierInput input, Labels labels);
  ~RecurrentClassifier() override;
  RecurrentClassifier(RecurrentClassifier&&) noexcept;
  RecurrentClassifier& operator=(RecurrentClassifier&&) noexcept;

  const RecurrentClassifierOptions& options() const;
  const ClassifierInput& input() const;
  const Labels& labels() const override;
  /// embedding.W, layers.0.W_xi, ..., pooling.W, ..., output.W, output.b.
  const ParameterList& parameters() const;
  /// Number of trained values.
  Index parameter_count() const;

  struct Loss {
    Variable objective;  // what training lowers: the weighted mean over the sequences
    double nats = 0;     // mean of -log p(label) alone
  };
  struct Batch {
    std::vector<const EncodedSequence*> sequences;
    std::vector<std::int32_t> labels;
    std::vector<std::uint64_t> numbers;  // of the sequences, so that masks do not depend on batching
  };
  /// The loss of a batch. `class_weights` [K] are those of the labels, empty for 1. Masks are drawn for
  /// (options().seed, training_step, number).
  Loss loss(Tape& tape, const Batch& batch, std::span<const float> class_weights, std::uint64_t training_step);

  /// [B, K]; a sequence's row does not depend on the others but for rounding.
  std::vector<double> probabilities(std::span<const Sequence* const> sequences, SequenceKind kind) override;
  std::vector<double> probabilities(std::span<const EncodedSequence* const> sequences);

 private:
  struct Implementation;
  std::unique_ptr<Implementation> implementation_;
};

/// The level at which texts are best read where nothing says how: words, or characters where texts are names and the
/// like, of fewer than four words on average. Words that the file divides are words.
Level usual_level(const SequenceData& data);
/// Of the symbols of all sequences of texts or words, with a symbol for what is unknown. Throws UsageError for pieces
/// (bpe), and for words that the file divides at another level than word.
Vocabulary vocabulary_of(const SequenceData& data, Level level, Index max_size, Index min_count);

/// Replaces `file` atomically by the model. Throws InputError where it cannot be written or a parameter is not finite.
void save_labelling_model(const std::filesystem::path& file, RecurrentClassifier& model,
                          const ReadingDefaults& reading);

}  // namespace unfold
