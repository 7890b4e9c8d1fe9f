#include "tasks/training/checkpoint.h"

#include <fmt/core.h>

#include "models/parameter_store.h"
#include "unfold/error.h"

namespace unfold {
namespace {

constexpr const char* kFormat = "unfold training checkpoint";
constexpr const char* kFormatVersion = "3";

void store_position(BatchPosition position, TensorFile& file) {
  const std::uint64_t numbers[] = {static_cast<std::uint64_t>(position.epoch),
                                   static_cast<std::uint64_t>(position.window)};
  file.tensors["position"] = StoredTensor::of(std::span<const std::uint64_t>(numbers));
}

BatchPosition take_position(TensorFile& file) {
  const std::vector<std::uint64_t> numbers = file.take_integers("position", 2);
  return {.epoch = static_cast<Index>(numbers[0]), .window = static_cast<Index>(numbers[1])};
}

}  // namespace

TensorFile begin_checkpoint(const std::string& task, std::uint64_t data) {
  TensorFile file;
  file.metadata = {
      {"format", kFormat}, {"format_version", kFormatVersion}, {"task", task}, {"data", fmt::format("{:016x}", data)}};
  return file;
}

void expect_same_run(const TensorFile& file, const TensorFile& expected, const std::string& data) {
  for (const auto& [key, text] : expected.metadata) {
    const auto found = file.metadata.find(key);
    if (found != file.metadata.end() && found->second == text) continue;
    if (key == "data") {
      throw InputError(
          fmt::format("{}: the data are not those that this run learnt from before ({})", data, file.path));
    }
    throw InputError(fmt::format("{}: cannot continue from this checkpoint: its {} is not the run's", file.path, key));
  }
}

void store_all(const std::string& prefix, const std::map<std::string, Tensor>& tensors, TensorFile& file) {
  for (const auto& [name, tensor] : tensors) file.tensors[prefix + name] = StoredTensor::of(tensor);
}

std::map<std::string, Tensor> take_all(const std::string& prefix, TensorFile& file) {
  std::map<std::string, Tensor> tensors;
  for (auto at = file.tensors.lower_bound(prefix); at != file.tensors.end();) {
    const auto& [name, stored] = *at++;
    if (!name.starts_with(prefix)) break;
    const std::string key = name;
    tensors[key.substr(prefix.size())] = file.take(key, Shape(stored.shape));
  }
  return tensors;
}

void store_progress(const RunProgress& progress, const ParameterList& parameters, const Optimization& optimization,
                    TensorFile& file) {
  store_parameters(parameters, file);
  optimization.store(file);
  store_counters(progress.counters, file);
  store_position(progress.position, file);
}

RunProgress take_progress(const ParameterList& parameters, Optimization& optimization, TensorFile& file) {
  const RunProgress progress{.counters = take_counters(file), .position = take_position(file)};
  optimization.take(file);
  take_parameters(file, parameters);
  return progress;
}

void save_run(const std::filesystem::path& path, TensorFile identity, const RunProgress& progress,
              const ParameterList& parameters, const Optimization& optimization) {
  store_progress(progress, parameters, optimization, identity);
  write_tensor_file(path, identity);
}

TrainingCounters restore_run(const std::filesystem::path& path, const TensorFile& identity, const std::string& data,
                             const ParameterList& parameters, Optimization& optimization, SequenceBatches& batches) {
  TensorFile file = read_tensor_file(path);
  expect_same_run(file, identity, data);
  for (const auto& [name, tensor] : identity.tensors) file.take(name, Shape(tensor.shape));  // follows from the data
  const auto [counters, position] = take_progress(parameters, optimization, file);
  file.expect_all_taken();
  batches.seek(position);
  return counters;
}

}  // namespace unfold
