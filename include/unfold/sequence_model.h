// Networks that predict vectors step by step: vectors -> a stack of recurrences -> the distribution of the next vector,
// or of some numbers of the same step.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "unfold/cell.h"
#include "unfold/labelling_model.h"
#include "unfold/layers.h"
#include "unfold/step_chains.h"
#include "unfold/tape.h"
#include "unfold/vector_coding.h"

namespace unfold {

class VectorOutput;  // src/layers/vectors/vector_output.h

struct SequenceModelOptions {
  Cell cell = Cell::load("lstm");
  std::vector<Index> hidden = {200};  // units of each layer, from the bottom
  /// A second recurrence reads from the end; not where the next step is predicted, which it would have read.
  bool bidirectional = false;
  bool skip = false;  // these two: see StackOptions
  bool residual = false;
  std::vector<Rewrite> rewrites = {};
  DropoutOptions dropout = {};         // without `words`
  double label_smoothing = 0;          // of symbols
  Initialisation initialisation = {};  // `matrices` are those inside the recurrence
  std::uint64_t seed = 0;
  Index batch = 32;  // the usual batch and steps: the plan is made for them and runs for any
  Index steps = 64;
  Precision precision = Precision::kFloat32;  // of training's products
};

class SequenceModel {
 public:
  /// Throws InputError where the cell does not fit, UsageError for options that contradict each other.
  SequenceModel(SequenceModelOptions options, VectorCoding coding);
  ~SequenceModel();
  SequenceModel(SequenceModel&&) noexcept;
  SequenceModel& operator=(SequenceModel&&) noexcept;

  const SequenceModelOptions& options() const;
  const VectorCoding& coding() const;
  /// layers.0.W_xi, ..., output.W, output.b; those of the output are missing where the top cell's output has its size.
  const ParameterList& parameters() const;
  /// Number of trained values.
  Index parameter_count() const;

  struct Loss {
    Variable objective;  // what training lowers
    double cost = 0;     // mean over the steps, in nats, or the mean squared error of standardised numbers
  };
  /// Masks are drawn for (options().seed, training_step).
  Loss loss(Tape& tape, const VectorStepBatch& batch, std::uint64_t training_step);

  /// What the network writes at each step of each sequence [T, O], the last one included, whose successor nobody knows.
  /// A sequence's rows do not depend on the others but for rounding. Throws InputError for a sequence that does not
  /// fit.
  std::vector<Tensor> outputs(std::span<const Sequence* const> sequences, SequenceKind kind);
  /// One step of B sequences: inputs [B, I] -> [B, O]; `state` moves on. Throws ContractError for a bidirectional
  /// model.
  Tensor step(const Tensor& inputs, State& state);
  /// What these outputs mean; for the library itself.
  const VectorOutput& output() const;

 private:
  struct Implementation;
  std::unique_ptr<Implementation> implementation_;
};

/// What is known of the training part beside the weights.
struct SequenceStatistics {
  std::vector<float> start;  // [I] mean of the sequences' first vectors, as the network reads them
  std::vector<float> noise;  // [W] deviations of the training error, standardised; empty unless numbers are predicted
  std::optional<StepChains> chains = {};  // of bits or symbols: what the model is compared with
};

struct LoadedSequenceModel {
  SequenceModel model;
  SequenceStatistics statistics;
  ReadingDefaults reading;
  std::string format;  // of the training files, in which predictions are written
};

/// Replaces `file` atomically by the model. Throws InputError where it cannot be written or does not answer in numbers.
void save_sequence_model(const std::filesystem::path& file, SequenceModel& model, const SequenceStatistics& statistics,
                         const ReadingDefaults& reading, const std::string& format);

/// True for the file, or the run's folder, of such a model; false for whatever else.
bool is_sequence_model(const std::filesystem::path& file_or_run);

/// Throws InputError as load_model does.
LoadedSequenceModel load_sequence_model(const std::filesystem::path& file_or_run);

}  // namespace unfold
