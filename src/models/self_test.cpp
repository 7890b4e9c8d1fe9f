#include "models/self_test.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "unfold/error.h"

namespace unfold {

namespace {

using nlohmann::json;

constexpr Index kTokens = 8;
/// Symbols whose log-probabilities are stored, at most: enough to notice any difference, small beside the weights.
constexpr Index kSymbols = 256;
/// In nats. Another instruction set or number of lanes changes a log-probability by some 1e-5 after 8 steps; a wrong
/// weight layout, cell or kernel changes it by 1e-2 and more.
constexpr double kTolerance = 1e-3;

/// The log-probabilities after the last of the tokens.
std::vector<float> answer(LanguageModel& model, std::span<const std::int32_t> tokens) {
  State state = model.state(1);
  const auto count = static_cast<Index>(tokens.size());
  const Tensor all = model.log_probabilities(Unrolling::equal(count, 1), tokens, state);
  const Index symbols = model.vocabulary();
  const float* last = all.data() + (count - 1) * symbols;
  return {last, last + std::min(symbols, kSymbols)};
}

}  // namespace

std::string make_self_test(LanguageModel& model) {
  std::vector<std::int32_t> tokens;
  for (Index i = 0; i < kTokens; ++i) tokens.push_back(static_cast<std::int32_t>((1 + 7 * i) % model.vocabulary()));
  const std::vector<float> expected = answer(model, tokens);
  if (!std::all_of(expected.begin(), expected.end(), [](float value) { return std::isfinite(value); })) {
    throw InputError("the model is not saved: its probabilities are not finite numbers");
  }
  return json{{"tokens", tokens}, {"log_probabilities", expected}}.dump();
}

void run_self_test(LanguageModel& model, const std::string& test, const std::string& file) {
  std::vector<std::int32_t> tokens;
  std::vector<float> expected;
  try {
    const json parsed = json::parse(test);
    tokens = parsed.at("tokens").get<std::vector<std::int32_t>>();
    expected = parsed.at("log_probabilities").get<std::vector<float>>();
  } catch (const json::exception& error) {
    throw InputError(fmt::format("{}: the self-test cannot be read: {}", file, error.what()));
  }
  const bool in_range = std::all_of(tokens.begin(), tokens.end(),
                                    [&](std::int32_t token) { return token >= 0 && token < model.vocabulary(); });
  if (tokens.empty() || !in_range)
    throw InputError(fmt::format("{}: the self-test's tokens are not the model's", file));
  const std::vector<float> found = answer(model, tokens);
  if (found.size() != expected.size()) {
    throw InputError(fmt::format("{}: the self-test expects {} log-probabilities, the model gives {}", file,
                                 expected.size(), found.size()));
  }
  for (std::size_t i = 0; i < found.size(); ++i) {
    if (std::abs(found[i] - expected[i]) <= kTolerance) continue;  // NaN is a failure, too
    throw InputError(
        fmt::format("{}: the self-test fails: log p of symbol {} is {}, but was {} when the model was saved; "
                    "this build computes something else",
                    file, i, found[i], expected[i]));
  }
}

}  // namespace unfold
