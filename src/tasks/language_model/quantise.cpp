#include "tasks/language_model/quantise.h"

#include <fmt/core.h>

#include <algorithm>
#include <ctime>
#include <limits>

#include "unfold/data.h"
#include "unfold/error.h"
#include "unfold/language_stream.h"
#include "unfold/model_file.h"

namespace unfold {

namespace {

/// "layers.0" of "layers.0.W_xi", "output" of "output.tail.0.W".
std::string part_of(const std::string& parameter) {
  std::size_t end = parameter.find('.');
  if (parameter.starts_with("layers.")) end = parameter.find('.', end + 1);
  return parameter.substr(0, end);
}

WeightFormat next_higher(WeightFormat format) {
  return format == WeightFormat::kInt8 ? WeightFormat::kBf16 : WeightFormat::kF32;
}

/// The matrices of a model, part by part, as they were and as they are rounded now.
class Parts {
 public:
  explicit Parts(LanguageModel& model) {
    for (Parameter* parameter : model.parameters()) {
      if (parameter->shape().rank() != 2 || parameter->gradient().count() == 0)
        continue;  // vectors; statistics of ticks
      matrices_.push_back({parameter, parameter->value(), part_of(parameter->name())});
    }
  }

  std::vector<QuantisedPart> in(WeightFormat format) const {
    std::vector<QuantisedPart> parts;
    for (const Matrix& matrix : matrices_) {
      const bool known =
          std::ranges::any_of(parts, [&](const QuantisedPart& part) { return part.name == matrix.part; });
      if (!known) parts.push_back({.name = matrix.part, .format = format});
    }
    return parts;
  }

  void round(const std::vector<QuantisedPart>& parts) {
    for (const Matrix& matrix : matrices_) {
      const auto part = std::ranges::find(parts, matrix.part, &QuantisedPart::name);
      matrix.parameter->edit() = matrix.trained;
      matrix.parameter->round_to(part->format);
    }
  }

 private:
  struct Matrix {
    Parameter* parameter;
    Tensor trained;
    std::string part;
  };
  std::vector<Matrix> matrices_;
};

/// Fills `nats_alone` of every part.
void measure_alone(LanguageModel& model, Parts& parts, const EvaluationBatches& batches, WeightFormat format,
                   std::vector<QuantisedPart>& wanted) {
  for (QuantisedPart& part : wanted) {
    std::vector<QuantisedPart> alone = parts.in(WeightFormat::kF32);
    std::ranges::find(alone, part.name, &QuantisedPart::name)->format = format;
    parts.round(alone);
    part.nats_alone = model.evaluate(batches);
  }
}

/// The part that costs most of those in a format; null where none is.
QuantisedPart* costliest(std::vector<QuantisedPart>& parts, WeightFormat format) {
  QuantisedPart* found = nullptr;
  for (QuantisedPart& part : parts) {
    if (part.format == format && (found == nullptr || part.nats_alone > found->nats_alone)) found = &part;
  }
  return found;
}

/// CPU seconds of a step of one row: the best of several repeats, since others may use the machine.
double seconds_of_step(const LanguageModel& model, Index& bytes) {
  constexpr int kRepeats = 7;
  constexpr double kSecondsPerRepeat = 0.02;
  LanguageStream stream(model);
  bytes = stream.bytes();
  StreamState state;
  StreamState* const states[] = {&state};
  const std::int32_t tokens[] = {0};
  std::vector<float> log_probabilities(static_cast<std::size_t>(model.vocabulary()));
  const auto time = [&](int steps) {
    const std::clock_t start = std::clock();
    for (int i = 0; i < steps; ++i) stream.step(states, tokens, log_probabilities);
    return static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
  };
  int steps = 1;
  while (time(steps) < kSecondsPerRepeat) steps *= 2;
  double best = std::numeric_limits<double>::infinity();
  for (int repeat = 0; repeat < kRepeats; ++repeat) best = std::min(best, time(steps) / steps);
  return best;
}

}  // namespace

Quantisation round_model(LanguageModel& model, const EvaluationBatches& batches, WeightFormat format) {
  Quantisation result;
  result.tokens = batches.predictions();
  result.nats_before = model.evaluate(batches);
  const double most = result.nats_before * (1 + kLargestLossIncrease);
  Parts parts(model);
  std::vector<QuantisedPart>& chosen = result.parts;
  chosen = parts.in(format);
  parts.round(chosen);
  result.nats_after = model.evaluate(batches);
  const auto is_worse = [&] { return !(result.nats_after <= most); };  // NaN is
  if (is_worse()) measure_alone(model, parts, batches, format, chosen);
  for (WeightFormat lowest = format; is_worse() && lowest != WeightFormat::kF32;) {
    QuantisedPart* part = costliest(chosen, lowest);
    if (part == nullptr) {
      lowest = next_higher(lowest);
      continue;
    }
    part->format = next_higher(part->format);
    parts.round(chosen);
    result.nats_after = model.evaluate(batches);
  }
  return result;
}

void expect_faster(const Quantisation& result, WeightFormat format) {
  if (result.seconds_after < result.seconds_before) return;
  throw InputError(
      fmt::format("not written: with weights in {} a step takes {:.2f} us on this machine, and {:.2f} us as it is; the "
                  "model is too small to gain, or too much of it had to stay in higher precision",
                  weight_format_name(format), result.seconds_after * 1e6, result.seconds_before * 1e6));
}

Quantisation quantise_language_model(const QuantisationSettings& settings) {
  if (settings.format == WeightFormat::kF32) throw UsageError("weights can be quantised to int8 or bf16");
  LoadedModel loaded = load_model(settings.model);
  const EncodedText text = encode_files(settings.valid, "", loaded.vocabulary);
  const LanguageModelOptions& options = loaded.model.options();
  const EvaluationBatches batches(
      text.tokens, options.batch, options.steps,
      {.boundary = loaded.vocabulary.boundary(), .lines = loaded.vocabulary.division().kind == Division::Kind::kLines});

  Index bytes_before = 0;
  const double seconds_before = seconds_of_step(loaded.model, bytes_before);
  Quantisation result = round_model(loaded.model, batches, settings.format);
  result.bytes_before = bytes_before;
  result.seconds_before = seconds_before;
  result.seconds_after = seconds_of_step(loaded.model, result.bytes_after);
  expect_faster(result, settings.format);
  save_model(settings.out, loaded.model, loaded.vocabulary);
  return result;
}

}  // namespace unfold
