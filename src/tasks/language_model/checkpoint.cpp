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
constexpr const char* kState = "state.";

std::uint64_t number(Index value) { return static_cast<std::uint64_t>(value); }

/// How far the run has come, as whole numbers and as losses, each array in the order of `read_counters`.
void store_counters(const TrainingCounters& counters, const StreamPosition& position, std::uint64_t updates,
                    TensorFile& file) {
  const std::uint64_t numbers[] = {number(counters.step),
                                   number(counters.tokens),
                                   number(counters.valid_step),
                                   number(counters.since_log.tokens),
                                   number(counters.since_validation.tokens),
                                   number(position.epoch),
                                   number(position.window),
                                   updates};
  const double losses[] = {counters.train_nats, counters.valid_nats, counters.since_log.sum,
                           counters.since_validation.sum};
  file.tensors["counters"] = StoredTensor::of(std::span<const std::uint64_t>(numbers));
  file.tensors["losses"] = StoredTensor::of(std::span<const double>(losses));
  // Not an array: two runs of the same steps have the same arrays, but not the same times.
  file.metadata["seconds"] = fmt::format("{}", counters.seconds);
}

struct Position {
  TrainingCounters counters;
  StreamPosition stream;
  std::uint64_t updates = 0;
};

Position take_counters(TensorFile& file) {
  const std::vector<std::uint64_t> numbers = file.take_integers("counters", 8);
  const std::vector<double> losses = file.take_doubles("losses", 4);
  const auto at = [&numbers](std::size_t i) { return static_cast<Index>(numbers[i]); };
  Position position;
  position.counters = {.step = at(0),
                       .tokens = at(1),
                       .seconds = std::strtod(file.text("seconds").c_str(), nullptr),
                       .train_nats = losses[0],
                       .valid_nats = losses[1],
                       .valid_step = at(2),
                       .since_log = {.sum = losses[2], .tokens = at(3)},
                       .since_validation = {.sum = losses[3], .tokens = at(4)}};
  position.stream = {.epoch = at(5), .window = at(6)};
  position.updates = numbers[7];
  return position;
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
  unfold::save_model(file, model_, data_.vocabulary);
}

void LanguageModelTrainee::save(const std::filesystem::path& path, const TrainingCounters& counters) {
  TensorFile file = identity(model_, data_.checksum);
  const OptimizerState memory = optimizer_->save();
  store_parameters(model_.parameters(), file);
  for (const auto& [name, tensor] : memory.tensors) file.tensors[kOptimizer + name] = StoredTensor::of(tensor);
  for (const auto& [name, tensor] : model_.save_state(state_)) file.tensors[kState + name] = StoredTensor::of(tensor);
  store_counters(counters, batches_.position(), memory.steps, file);
  write_tensor_file(path, file);
}

TrainingCounters LanguageModelTrainee::restore(const std::filesystem::path& path) {
  TensorFile file = read_tensor_file(path);
  expect_identity(file, identity(model_, data_.checksum), data_.source);
  const Position position = take_counters(file);

  OptimizerState memory = optimizer_->save();
  memory.steps = position.updates;
  for (auto& [name, tensor] : memory.tensors) tensor = file.take(kOptimizer + name, tensor.shape());
  std::map<std::string, Tensor> state;
  for (auto at = file.tensors.lower_bound(kState); at != file.tensors.end() && at->first.starts_with(kState);) {
    const std::string name = (at++)->first;
    const Shape shape = file.tensors.at(name).shape;
    state[name.substr(std::string_view(kState).size())] = file.take(name, shape);
  }
  take_parameters(file, model_.parameters());
  file.expect_all_taken();
  optimizer_->load(memory);
  state_ = model_.restore_state(state, batches_.batch());
  batches_.seek(position.stream);
  return position.counters;
}

}  // namespace unfold
