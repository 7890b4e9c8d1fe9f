// The settings of the task `lm`: names, help, and where those come from that the command line does not give.
#include <fmt/core.h>

#include "tasks/language_model.h"
#include "unfold/error.h"

namespace unfold {
namespace {

constexpr const char* kTask = "lm";

/// The three ways to say how long to train exclude each other: giving one replaces those of a configuration.
std::set<std::string> with_lengths(std::set<std::string> given) {
  if (given.contains("steps") || given.contains("epochs") || given.contains("minutes")) {
    given.insert({"steps", "epochs", "minutes"});
  }
  return given;
}

LanguageModelSettings with_whole_paths(LanguageModelSettings settings) {
  for (std::string* file : {&settings.data, &settings.valid, &settings.cell}) {
    if (std::filesystem::is_regular_file(*file)) *file = std::filesystem::absolute(*file).lexically_normal().string();
  }
  return settings;
}

std::string text_of(const Setting& setting) {
  return std::visit([](const auto* value) { return fmt::format("{}", *value); }, setting.value);
}

}  // namespace

Settings LanguageModelSettings::list() {
  return {
      {"data", "Text to learn from", &data},
      {"valid", "Text to validate on; the end of --data if left out", &valid},
      {"held-out", "Share of --data that is held out where there is no --valid", &held_out},
      {"level", "What a token is: byte, char or word", &level},
      {"vocab", "Most frequent words to know, 0 for all; default 10000, for words only", &vocabulary},
      {"cell", "A shipped cell ('unfold cells' lists them), with options, or a file of equations", &cell},
      {"hidden", "Units H of each layer", &hidden},
      {"layers", "Layers of cells", &layers},
      {"embed", "Size of the embedding, 0 for one-hot input; default 0, for words --hidden", &embed},
      {"recurrent-dropout", "Dropout of the recurrent reads: none, naive:P or variational:P", &recurrent_dropout},
      {"teacher-forcing", "State whose previous value is the shifted target in training: none or a name",
       &teacher_forcing},
      {"batch", "Sequences B side by side", &batch},
      {"unroll", "Steps T of truncated backpropagation through time", &unroll},
      {"steps", "Train for this many steps", &steps},
      {"epochs", "Train for this many passes over the text; 10 if no length is given", &epochs},
      {"minutes", "Train for this long: the number of steps is measured, then fixed and recorded", &minutes},
      {"optimizer", "adam or sgd", &optimizer},
      {"lr", "Learning rate at its peak; default 0.002 for adam, 1 for sgd", &learning_rate},
      {"schedule", "Learning rate over time: constant or cosine", &schedule},
      {"warmup", "Steps over which the learning rate grows from 0", &warmup},
      {"clip-norm", "Largest global norm of the gradient, 0 for no limit", &clip_norm},
      {"validate-every", "Steps between validations; default a twentieth of all, more where that costs much",
       &validate_every},
      {"threads", "Threads; default all cores. The results do not depend on it", &threads},
      {"seed", "Of initial values and dropout", &seed},
  };
}

std::string LanguageModelSettings::config() const {
  LanguageModelSettings recorded = with_whole_paths(*this);
  return config_text(kTask, recorded.list());
}

void continue_settings(LanguageModelSettings& settings, const RunDirectory& run, const std::set<std::string>& given) {
  LanguageModelSettings recorded = settings;
  read_config(run.config(), kTask, recorded.list(), {});
  LanguageModelSettings wanted = with_whole_paths(settings);
  const Settings now = wanted.list();
  const Settings then = recorded.list();
  for (std::size_t i = 0; i < now.size(); ++i) {
    const std::string& name = now[i].name;
    if (!given.contains(name) || name == "threads" || text_of(now[i]) == text_of(then[i])) continue;
    throw UsageError(
        fmt::format("--{} {} differs from the run's own {} ({}); a run continues with its own settings, "
                    "so leave the option out or start another run",
                    name, text_of(now[i]), text_of(then[i]), run.config().string()));
  }
  read_config(run.config(), kTask, settings.list(), given);
}

void repeat_settings(LanguageModelSettings& settings, const std::filesystem::path& config,
                     const std::set<std::string>& given) {
  read_config(config, kTask, settings.list(), with_lengths(given));
}

}  // namespace unfold
