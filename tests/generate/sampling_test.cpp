// The distribution that is drawn from, and drawing from it.
#include "unfold/sampling.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "base/expect_error.h"
#include "base/random.h"
#include "unfold/error.h"

namespace unfold {
namespace {

constexpr float kNone = -std::numeric_limits<float>::infinity();

std::vector<float> logs(std::span<const double> probabilities) {
  std::vector<float> result;
  for (const double p : probabilities) result.push_back(static_cast<float>(std::log(p)));
  return result;
}

/// A model's answer over `count` symbols, in no order.
std::vector<float> some_answer(std::size_t count, std::uint64_t seed) {
  Random random(seed);
  std::vector<double> weights;
  double total = 0;
  for (std::size_t i = 0; i < count; ++i) total += weights.emplace_back(std::exp(2 * random.normal()));
  for (double& weight : weights) weight /= total;
  return logs(weights);
}

/// Pearson's statistic of `counts` against `probabilities`.
template <std::size_t count>
double chi_square(const std::array<int, count>& counts, const std::array<double, count>& probabilities, int draws) {
  double sum = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const double expected = draws * probabilities[i];
    sum += (counts[i] - expected) * (counts[i] - expected) / expected;
  }
  return sum;
}

TEST(Sampling, FrequenciesAreTheProbabilities) {
  constexpr std::array<double, 5> kProbabilities = {0.5, 0.25, 0.125, 0.0625, 0.0625};
  constexpr int kDraws = 40'000;
  constexpr double kCritical =
      28.5;  // chi-square with 4 degrees of freedom exceeds it once in 100000; the seed is fixed
  const auto statistic = [&](double drawn_at, double expected_at) {
    std::array<double, 5> expected{};
    double total = 0;
    for (std::size_t i = 0; i < 5; ++i) total += expected[i] = std::pow(kProbabilities[i], 1 / expected_at);
    for (double& p : expected) p /= total;
    const std::vector<double> distribution = sampling_distribution(logs(kProbabilities), {.temperature = drawn_at});
    std::array<int, 5> counts{};
    Random random(1);
    for (int i = 0; i < kDraws; ++i) ++counts[static_cast<std::size_t>(draw(distribution, random.uniform_double()))];
    return chi_square(counts, expected, kDraws);
  };
  for (const double temperature : {1.0, 0.5, 2.0}) {
    EXPECT_LT(statistic(temperature, temperature), kCritical) << temperature;
    EXPECT_GT(statistic(1.05 * temperature, temperature), kCritical) << "a slightly wrong temperature is noticed";
  }
}

TEST(Sampling, DrawsByInversion) {
  const std::array<double, 5> distribution = {0, 0.5, 0.25, 0.25, 0};
  EXPECT_EQ(draw(distribution, 0.0), 1);
  EXPECT_EQ(draw(distribution, 0.49), 1);
  EXPECT_EQ(draw(distribution, 0.5), 2);
  EXPECT_EQ(draw(distribution, 0.76), 3);
  EXPECT_EQ(draw(distribution, std::nextafter(1.0, 0.0)), 3);
  const std::array<double, 3> rounded = {0.3, 0.3, 0.3999};
  EXPECT_EQ(draw(rounded, std::nextafter(1.0, 0.0)), 2) << "the sum may round to less than 1";
}

TEST(Sampling, TemperatureZeroIsGreedy) {
  const std::vector<float> answer = {-2, -0.5F, -0.5F, -3};
  EXPECT_EQ(sampling_distribution(answer, {.temperature = 0}), (std::vector<double>{0, 1, 0, 0}));
  EXPECT_EQ(sampling_distribution(answer, {.temperature = 1e-9}), (std::vector<double>{0, 0.5, 0.5, 0}))
      << "as cold as can be, but not zero: no overflow";
}

TEST(Sampling, SymbolsWithoutProbabilityStayWithout) {
  const std::vector<float> answer = {kNone, 0, kNone};
  for (const double temperature : {0.0, 0.5, 1.0, 3.0}) {
    EXPECT_EQ(sampling_distribution(answer, {.temperature = temperature}), (std::vector<double>{0, 1, 0}));
  }
  EXPECT_THROW(sampling_distribution(std::vector<float>{kNone, kNone}, {}), InputError);
}

/// The definition, word for word: symbol by symbol, each filter on what the one before it left.
std::vector<double> naive_distribution(const std::vector<float>& answer, const Sampling& sampling,
                                       const std::vector<std::uint8_t>& repeated) {
  const std::size_t count = answer.size();
  std::vector<double> p(count);
  const auto normalise = [&] {
    double total = 0;
    for (const double value : p) total += value;
    for (double& value : p) value /= total;
  };
  for (std::size_t i = 0; i < count; ++i) {
    const double penalty = repeated[i] != 0 ? sampling.repetition_penalty : 1;
    p[i] = std::pow(std::exp(static_cast<double>(answer[i])), penalty / sampling.temperature);
  }
  normalise();
  const auto precedes = [&](std::size_t a, std::size_t b) { return p[a] > p[b] || (p[a] == p[b] && a < b); };
  // How many symbols come before i, and their probability together.
  const auto before = [&](std::size_t i) {
    std::pair<Index, double> result{0, 0.0};
    for (std::size_t j = 0; j < count; ++j) {
      if (precedes(j, i)) result = {result.first + 1, result.second + p[j]};
    }
    return result;
  };
  const auto keep = [&](const auto& stays) {
    std::vector<double> left = p;
    for (std::size_t i = 0; i < count; ++i) {
      if (!stays(i)) left[i] = 0;
    }
    p = left;
    normalise();
  };
  if (sampling.top_k > 0) keep([&](std::size_t i) { return before(i).first < sampling.top_k; });
  if (sampling.top_p < 1) keep([&](std::size_t i) { return before(i).second < sampling.top_p; });
  const double largest = *std::max_element(p.begin(), p.end());
  keep([&](std::size_t i) { return p[i] >= sampling.min_p * largest; });
  return p;
}

TEST(Sampling, FiltersAreTheirDefinitionInTheirOrder) {
  constexpr double kTolerance = 1e-6;  // exponents up to some 8 and their exponentials are float32
  Random random(3);
  for (std::uint64_t trial = 0; trial < 300; ++trial) {
    const std::vector<float> answer = some_answer(1 + static_cast<std::size_t>(random.below(30)), trial);
    std::vector<std::uint8_t> repeated;
    for (std::size_t i = 0; i < answer.size(); ++i) repeated.push_back(random.below(3) == 0);
    const auto sometimes = [&](double value, double otherwise) { return random.below(2) == 0 ? value : otherwise; };
    const Sampling sampling = {.repetition_penalty = sometimes(1 + random.uniform_double(), 1),
                               .temperature = sometimes(0.3 + 2 * random.uniform_double(), 1),
                               .top_k = static_cast<Index>(sometimes(static_cast<double>(1 + random.below(12)), 0)),
                               .top_p = sometimes(0.1 + 0.9 * random.uniform_double(), 1),
                               .min_p = sometimes(0.3 * random.uniform_double(), 0)};
    const std::vector<double> expected = naive_distribution(answer, sampling, repeated);
    const std::vector<double> found = sampling_distribution(answer, sampling, repeated);
    ASSERT_EQ(found.size(), expected.size());
    double total = 0;
    for (std::size_t i = 0; i < found.size(); ++i) {
      EXPECT_NEAR(found[i], expected[i], kTolerance) << "trial " << trial << ", symbol " << i;
      total += found[i];
    }
    EXPECT_NEAR(total, 1, 1e-12);
  }
}

TEST(Sampling, TheOrderMatters) {
  // Temperature comes before top-p: heated, three symbols are needed where two were enough.
  const std::vector<float> answer = logs(std::array{0.6, 0.3, 0.1});
  EXPECT_EQ(sampling_distribution(answer, {.top_p = 0.85})[2], 0);
  EXPECT_GT(sampling_distribution(answer, {.temperature = 4, .top_p = 0.85})[2], 0);
}

TEST(Sampling, RefusesValuesOutOfRange) {
  const std::vector<float> answer = {-1, -1};
  for (const Sampling& wrong : std::vector<Sampling>{{.temperature = -1},
                                                     {.temperature = std::nan("")},
                                                     {.top_k = -1},
                                                     {.top_p = 0},
                                                     {.top_p = 1.5},
                                                     {.min_p = 2},
                                                     {.repetition_penalty = 0}}) {
    EXPECT_THROW(sampling_distribution(answer, wrong), UsageError);
  }
  EXPECT_THROW(sampling_distribution({}, {}), ContractError);
}

}  // namespace
}  // namespace unfold
