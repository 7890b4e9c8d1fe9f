// What the checkpoints of all trainees have in common: whose they are, and groups of arrays.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>

#include "models/safetensors.h"
#include "tasks/training/optimization.h"
#include "unfold/batches.h"
#include "unfold/sequence_batches.h"

namespace unfold {

/// The beginning of a checkpoint of a task; `data` is the checksum of what the run learns from. Whoever makes it adds,
/// as metadata, what else must be the same for the run to go on: the make of the model.
TensorFile begin_checkpoint(const std::string& task, std::uint64_t data);
/// Throws InputError unless `file` has the metadata of `expected`; `data` names what is learnt from.
void expect_same_run(const TensorFile& file, const TensorFile& expected, const std::string& data);

/// Arrays under names with a prefix, and everything under the prefix, taken out.
void store_all(const std::string& prefix, const std::map<std::string, Tensor>& tensors, TensorFile& file);
std::map<std::string, Tensor> take_all(const std::string& prefix, TensorFile& file);

/// How far a run is.
struct RunProgress {
  TrainingCounters counters;
  BatchPosition position;  // of the next batch to come
};

/// The part of a checkpoint that all networks have: weights, what changes them, and how far the run is. And back, which
/// throws InputError where it is not theirs.
void store_progress(const RunProgress& progress, const ParameterList& parameters, const Optimization& optimization,
                    TensorFile& file);
RunProgress take_progress(const ParameterList& parameters, Optimization& optimization, TensorFile& file);

/// The checkpoint, to a file and back, of a run whose batches are whole sequences, so that there is nothing besides.
/// `identity` is what must be the same for the run to go on; `data` names what is learnt from.
void save_run(const std::filesystem::path& path, TensorFile identity, const RunProgress& progress,
              const ParameterList& parameters, const Optimization& optimization);
TrainingCounters restore_run(const std::filesystem::path& path, const TensorFile& identity, const std::string& data,
                             const ParameterList& parameters, Optimization& optimization, SequenceBatches& batches);

}  // namespace unfold
