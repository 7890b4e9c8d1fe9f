// last.safetensors: everything the next training step depends on. The arrays hold parameters, the optimiser's memory,
// the state carried along the streams, and counters; the metadata say whose they are.
#include <fmt/core.h>

#include "models/configuration.h"
#include "models/parameter_store.h"
#include "models/safetensors.h"
#include "tasks/language_model/trainee.h"
#include "unfold/error.h"
#include "unfold/model_file.h"

namespace unfold {
namespace {

constexpr const char* kFormat = "unfold training checkpoint";
constexpr const char* kFormatVersion = "2";
constexpr const char* kOptimizer = "optimizer.";
constexpr const char* kAverage = "average.";
constexpr const char* kState = "state.";

/// Everything under a prefix, taken out of the file.
std::map<std::string, Tensor> take_all(TensorFile& file, std::string_view prefix) {
  std::map<std::string, Tensor> tensors;
  for (auto at = file.tensors.lower_bound(std::string(prefix)); at != file.tensors.end();) {
    const auto& [name, stored] = *at++;
    if (!name.starts_with(prefix)) break;
    const std::string key = name;
    tensors[key.substr(prefix.size())] = file.take(key, Shape(stored.shape));
  }
  return tensors;
}

/// What must be the same for a checkpoint to be continued: the model's make, the cell's text, the data.
TensorFile identity(const LanguageModel& model, std::uint64_t data) {
  TensorFile file;
  file.metadata["format"] = kFormat;
  file.metadata["format_version"] = kFormatVersion;
  file.metadata["data"] = fmt::format("{:016x}", data);
  store_configuration(model.options(), file);
  return file;
}

void expect_identity(const TensorFile& file, const TensorFile& expected, const std::string& data) {
  for (const auto& [key, text] : expected.metadata) {
    const auto found = file.metadata.find(key);
    if (found != file.metadata.end() && found->second == text) continue;
    if (key == "data") {
      throw InputError(
          fmt::format("{}: the text is not the one that this run learnt from before ({})", data, file.path));
    }
    throw InputError(fmt::format("{}: cannot continue from this checkpoint: its {} is not the run's", file.path, key));
  }
}

}  // namespace

void LanguageModelTrainee::save_model(const std::filesystem::path& file) {
  const AveragedWeights averaged_weights = averaged();
  unfold::save_model(file, model_, data_.vocabulary);
}

void LanguageModelTrainee::save(const std::filesystem::path& path, const TrainingCounters& counters) {
  TensorFile file = identity(model_, data_.checksum);
  const auto store = [&file](const std::string& prefix, const std::map<std::string, Tensor>& tensors) {
    for (const auto& [name, tensor] : tensors) file.tensors[prefix + name] = StoredTensor::of(tensor);
  };
  const OptimizerState memory = optimizer_->save();
  const OptimizerState average = average_ ? average_->save() : OptimizerState{};
  store_parameters(model_.parameters(), file);
  store(kOptimizer, memory.tensors);
  store(kAverage, average.tensors);
  store(kState, model_.save_state(state_));
  store_counters(counters, file);
  const BatchPosition stream = batches_->position();
  const std::uint64_t position[] = {static_cast<std::uint64_t>(stream.epoch), static_cast<std::uint64_t>(stream.window),
                                    memory.steps, average.steps};
  file.tensors["position"] = StoredTensor::of(std::span<const std::uint64_t>(position));
  write_tensor_file(path, file);
}

TrainingCounters LanguageModelTrainee::restore(const std::filesystem::path& path) {
  TensorFile file = read_tensor_file(path);
  expect_identity(file, identity(model_, data_.checksum), data_.source);
  const TrainingCounters counters = take_counters(file);
  const std::vector<std::uint64_t> position = file.take_integers("position", 4);
  const OptimizerState memory{.steps = position[2], .tensors = take_all(file, kOptimizer)};
  const OptimizerState average{.steps = position[3], .tensors = take_all(file, kAverage)};
  const std::map<std::string, Tensor> state = take_all(file, kState);
  take_parameters(file, model_.parameters());
  file.expect_all_taken();
  optimizer_->load(memory);
  if (average_) average_->load(average);
  state_ = model_.restore_state(state, batches_->streams());
  batches_->seek({.epoch = static_cast<Index>(position[0]), .window = static_cast<Index>(position[1])});
  return counters;
}

}  // namespace unfold
