#include "models/labelling/network_parts.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "unfold/error.h"

namespace unfold {
namespace {

using nlohmann::json;

constexpr const char* kMean = "standardisation.mean";
constexpr const char* kDeviation = "standardisation.deviation";
constexpr const char* kSelfTest = "self_test";

/// Probabilities are those of other kernels within 1e-5; a wrong weight layout, cell or kernel changes them by 1e-2 and
/// more.
constexpr double kTolerance = 1e-3;

}  // namespace

void store_vector(const std::string& name, const std::vector<float>& values, TensorFile& file) {
  file.tensors[name] = StoredTensor::of(Tensor({static_cast<Index>(values.size())}, values));
}

std::vector<float> take_vector(const std::string& name, Index size, TensorFile& file) {
  const Tensor values = file.take(name, {size});
  return {values.values().begin(), values.values().end()};
}

void store_standardisation(const Standardisation& standardisation, TensorFile& file) {
  store_vector(kMean, standardisation.mean, file);
  store_vector(kDeviation, standardisation.deviation, file);
}

Standardisation read_standardisation(TensorFile& file) {
  const auto mean = file.tensors.find(kMean);
  const Index size = mean == file.tensors.end() ? 0 : mean->second.shape.count();
  return {.mean = take_vector(kMean, size, file), .deviation = take_vector(kDeviation, size, file)};
}

void store_self_test(const std::vector<double>& probabilities, TensorFile& file) {
  if (!std::ranges::all_of(probabilities, [](double p) { return std::isfinite(p); })) {
    throw InputError("the model is not saved: its probabilities are not finite numbers");
  }
  file.metadata[kSelfTest] = json(probabilities).dump();
}

void expect_self_test(const std::vector<double>& found, const TensorFile& file) {
  std::vector<double> expected;
  try {
    expected = json::parse(file.text(kSelfTest)).get<std::vector<double>>();
  } catch (const json::exception& error) {
    throw InputError(fmt::format("{}: the self-test cannot be read: {}", file.path, error.what()));
  }
  const bool same = std::equal(found.begin(), found.end(), expected.begin(), expected.end(), [](double a, double b) {
    return std::abs(a - b) <= kTolerance;  // NaN is a failure, too
  });
  if (same) return;
  throw InputError(fmt::format(
      "{}: the self-test fails: the model does not answer as when it was saved; this build computes something else",
      file.path));
}

}  // namespace unfold
