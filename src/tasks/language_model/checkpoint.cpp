// last.safetensors: everything the next training step depends on. The arrays hold parameters, the optimiser's memory,
// the state carried along the streams, and counters; the metadata say whose they are.
#include "tasks/training/checkpoint.h"

#include "models/configuration.h"
#include "models/safetensors.h"
#include "tasks/language_model/trainee.h"
#include "unfold/model_file.h"

namespace unfold {
namespace {

constexpr const char* kState = "state.";

/// What must be the same for a checkpoint to be continued: the model's make, the cell's text, the data.
TensorFile identity(const LanguageModel& model, std::uint64_t data) {
  TensorFile file = begin_checkpoint(LanguageModelSettings::kTask, data);
  store_configuration(model.options(), file);
  return file;
}

}  // namespace

void LanguageModelTrainee::save_model(const std::filesystem::path& file) {
  const AveragedWeights averaged_weights = averaged();
  unfold::save_model(file, model_, data_.vocabulary);
}

void LanguageModelTrainee::save(const std::filesystem::path& path, const TrainingCounters& counters) {
  TensorFile file = identity(model_, data_.checksum);
  store_progress({counters, batches_->position()}, model_.parameters(), optimization_, file);
  store_all(kState, model_.save_state(state_), file);
  write_tensor_file(path, file);
}

TrainingCounters LanguageModelTrainee::restore(const std::filesystem::path& path) {
  TensorFile file = read_tensor_file(path);
  expect_same_run(file, identity(model_, data_.checksum), data_.source);
  const std::map<std::string, Tensor> state = take_all(kState, file);
  const auto [counters, position] = take_progress(model_.parameters(), optimization_, file);
  file.expect_all_taken();
  state_ = model_.restore_state(state, batches_->streams());
  batches_->seek(position);
  return counters;
}

}  // namespace unfold
