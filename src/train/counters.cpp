#include "train/counters.h"

#include <fmt/core.h>

#include <cstdlib>

namespace unfold {
namespace {

constexpr double kNone = -1;  // the accuracy of what is no classifier

std::optional<Validation> take_best(TensorFile& file) {
  const auto stored = file.tensors.find("best");
  const bool exists = stored != file.tensors.end() && stored->second.shape != Shape{0};
  const std::vector<double> numbers = file.take_doubles("best", exists ? 2 : 0);
  if (!exists) return std::nullopt;
  return Validation{numbers[0], numbers[1] == kNone ? std::nullopt : std::optional(numbers[1])};
}

}  // namespace

void store_counters(const TrainingCounters& counters, TensorFile& file) {
  const auto number = [](Index value) { return static_cast<std::uint64_t>(value); };
  const std::uint64_t numbers[] = {number(counters.step),
                                   number(counters.tokens),
                                   number(counters.valid_step),
                                   number(counters.since_log.tokens),
                                   number(counters.since_validation.tokens),
                                   number(counters.rollbacks),
                                   counters.validations.size()};
  const double losses[] = {counters.train_nats, counters.since_log.sum, counters.since_validation.sum,
                           counters.trend.recent, counters.trend.usual};
  std::vector<double> best;
  if (counters.best) best = {counters.best->nats, counters.best->accuracy.value_or(kNone)};
  file.tensors["counters"] = StoredTensor::of(std::span<const std::uint64_t>(numbers));
  file.tensors["losses"] = StoredTensor::of(std::span<const double>(losses));
  file.tensors["validations"] = StoredTensor::of(std::span<const double>(counters.validations));
  file.tensors["best"] = StoredTensor::of(std::span<const double>(best));
  // Not an array: two runs of the same steps have the same arrays, but not the same times.
  file.metadata["seconds"] = fmt::format("{}", counters.seconds);
}

TrainingCounters take_counters(TensorFile& file) {
  const std::vector<std::uint64_t> numbers = file.take_integers("counters", 7);
  const std::vector<double> losses = file.take_doubles("losses", 5);
  const auto at = [&numbers](std::size_t i) { return static_cast<Index>(numbers[i]); };
  return {.step = at(0),
          .tokens = at(1),
          .seconds = std::strtod(file.text("seconds").c_str(), nullptr),
          .train_nats = losses[0],
          .best = take_best(file),
          .valid_step = at(2),
          .since_log = {.sum = losses[1], .tokens = at(3)},
          .since_validation = {.sum = losses[2], .tokens = at(4)},
          .trend = {.recent = losses[3], .usual = losses[4]},
          .rollbacks = at(5),
          .validations = file.take_doubles("validations", at(6))};
}

}  // namespace unfold
