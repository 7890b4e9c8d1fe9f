#include "tasks/language_model/samples.h"

#include <fmt/core.h>

#include <algorithm>
#include <bit>

#include "base/file.h"
#include "unfold/error.h"
#include "unfold/generate.h"
#include "unfold/language_text_model.h"

namespace unfold {
namespace {

constexpr Index kFirstSampleShare = 64;  // of all steps
constexpr Index kSampleContext = 64;     // tokens read before writing
constexpr double kSampleTemperature = 0.7;

}  // namespace

Samples::Samples(LanguageModelTrainee& trainee, const LanguageModelData& data, const LanguageModelSettings& settings,
                 const RunDirectory& run, const LanguageModelHooks& hooks)
    : trainee_(trainee),
      data_(data),
      run_(run),
      hooks_(hooks),
      kept_length_(settings.length.keep_samples),
      seed_(static_cast<std::uint64_t>(settings.seed)),
      first_(std::max<Index>(1, settings.length.steps / kFirstSampleShare)),
      last_(settings.length.steps) {}

bool Samples::due(Index step) const {
  if (step == 0 || step == last_) return true;
  return step % first_ == 0 && std::has_single_bit(static_cast<std::uint64_t>(step / first_));
}

std::string Samples::write(Index length) const {
  const Tokens context = data_.valid.part(0, std::min(kSampleContext, data_.valid.size()));
  // A model of sequences knows how they begin.
  const GenerateOptions options{.prompt = data_.vocabulary.boundary() ? "" : data_.vocabulary.decode(context.all()),
                                .length = length,
                                .sampling = {.temperature = kSampleTemperature},
                                .seed = seed_};
  const AveragedWeights averaged = trainee_.averaged();
  LanguageTextModel model(trainee_.model());
  try {
    return generate(model, data_.vocabulary, options).front().text;
  } catch (const InputError& error) {
    return fmt::format("({})", error.what());  // a model about to be found diverged; not for a sample to end the run
  }
}

void Samples::look(Index step) const {
  if (!due(step)) return;
  if (kept_length_ > 0) {
    std::filesystem::create_directories(run_.samples());
    write_atomically(run_.samples() / fmt::format("{:08}.txt", step), write(kept_length_) + '\n');
  }
  if (hooks_.sample_length > 0) hooks_.sample(step, write(hooks_.sample_length));
}

}  // namespace unfold
