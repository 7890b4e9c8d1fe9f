// A continuation as a safetensors file: the state's arrays as state.NAME, `counters` (seed, draws), `symbols` and
// `last_token`; in the metadata the model's identity.
#include <fmt/format.h>

#include <vector>

#include "models/safetensors.h"
#include "unfold/error.h"
#include "unfold/generate.h"

namespace unfold {

namespace {

constexpr const char* kFormat = "unfold text state";
constexpr const char* kFormatVersion = "1";
constexpr std::string_view kStatePrefix = "state.";

std::string identity_text(const TextModel& model) { return fmt::format("{:016x}", model.identity()); }

void expect_text_of_model(const TensorFile& file, const TextModel& model) {
  const auto format = file.metadata.find("format");
  if (format == file.metadata.end() || format->second != kFormat) {
    throw InputError(fmt::format("{}: expected an {}, as --save-state writes it; found {}", file.path, kFormat,
                                 format == file.metadata.end() ? "none" : "an " + format->second));
  }
  if (file.text("format_version") != kFormatVersion) {
    throw InputError(fmt::format("{}: the format has version {}; this program reads version {}", file.path,
                                 file.text("format_version"), kFormatVersion));
  }
  if (file.text("model") != identity_text(model)) {
    throw InputError(
        fmt::format("{}: this state is of another model ({}, not {}), or of this one before it was trained further; "
                    "continue with the model that saved it",
                    file.path, file.text("model"), identity_text(model)));
  }
}

std::int32_t expect_token(std::uint64_t number, const TextModel& model, const std::string& path) {
  if (number >= static_cast<std::uint64_t>(model.symbols())) {
    throw InputError(fmt::format("{}: token {} is not one of the model's {}", path, number, model.symbols()));
  }
  return static_cast<std::int32_t>(number);
}

std::map<std::string, Tensor> take_state(TensorFile& file) {
  std::map<std::string, Tensor> arrays;
  std::vector<std::string> names;
  for (const auto& [name, array] : file.tensors) {
    if (name.starts_with(kStatePrefix)) names.push_back(name);
  }
  for (const std::string& name : names) {
    const Shape shape = file.tensors.at(name).shape;
    arrays.emplace(name.substr(kStatePrefix.size()), file.take(name, shape));
  }
  return arrays;
}

}  // namespace

void save_continuation(const std::filesystem::path& file, const TextModel& model, const Continuation& continuation) {
  TensorFile content;
  if (continuation.state.batch == 1) {
    for (const auto& [name, array] : model.save(continuation.state)) {
      content.tensors.emplace(std::string(kStatePrefix) + name, StoredTensor::of(array));
    }
  }
  const std::vector<std::uint64_t> counters = {continuation.seed, continuation.draws};
  const std::vector<std::uint64_t> symbols(continuation.symbols.begin(), continuation.symbols.end());
  std::vector<std::uint64_t> last;
  if (continuation.last_token) last.push_back(static_cast<std::uint64_t>(*continuation.last_token));
  content.tensors.emplace("counters", StoredTensor::of(std::span(counters)));
  content.tensors.emplace("symbols", StoredTensor::of(std::span(symbols)));
  content.tensors.emplace("last_token", StoredTensor::of(std::span(last)));
  content.metadata = {{"format", kFormat}, {"format_version", kFormatVersion}, {"model", identity_text(model)}};
  write_tensor_file(file, content);
}

Continuation load_continuation(const std::filesystem::path& path, const TextModel& model) {
  TensorFile file = read_tensor_file(path);
  expect_text_of_model(file, model);
  Continuation continuation;
  const std::vector<std::uint64_t> counters = file.take_integers("counters", 2);
  continuation.seed = counters[0];
  continuation.draws = counters[1];
  const auto count_of = [&](const char* name) {
    const auto found = file.tensors.find(name);
    return found == file.tensors.end() || found->second.shape.rank() != 1 ? Index{0} : found->second.shape[0];
  };
  for (const std::uint64_t symbol : file.take_integers("symbols", count_of("symbols"))) {
    continuation.symbols.push_back(expect_token(symbol, model, file.path));
  }
  for (const std::uint64_t last : file.take_integers("last_token", count_of("last_token"))) {
    continuation.last_token = expect_token(last, model, file.path);
  }
  continuation.state = model.restore(take_state(file), 1);
  file.expect_all_taken();
  return continuation;
}

}  // namespace unfold
