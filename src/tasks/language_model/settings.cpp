// The whole of a run's settings, and where those come from that the command line does not give.
#include "tasks/language_model/settings.h"

#include <fmt/core.h>

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
  const auto whole = [](const std::string& file) {
    return std::filesystem::absolute(file).lexically_normal().string();
  };
  for (std::vector<std::string>* files : {&settings.text.data, &settings.text.valid}) {
    for (std::string& file : *files) file = file == "-" ? file : whole(file);
  }
  std::string& cell = settings.network.cell;
  if (std::filesystem::is_regular_file(cell)) cell = whole(cell);
  return settings;
}

}  // namespace

Settings LanguageModelSettings::list() {
  return joined(
      {text.list(), network.list(), regularisation.list(), optimizer.list(), length.list(), recovery.list(),
       grouped("Execution", {
                                {"threads", "Threads; default all cores. The results do not depend on it", &threads},
                                precision_setting(),
                                {"seed", "Of initial values and dropout", &seed},
                            })});
}

Setting LanguageModelSettings::precision_setting() {
  return {"precision", "Of the products of training: f32 or bf16, up to twice as fast", &precision};
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
    if (!given.contains(name) || name == "threads" || value_text(now[i]) == value_text(then[i])) continue;
    throw UsageError(
        fmt::format("--{} {} differs from the run's own {} ({}); a run continues with its own settings, "
                    "so leave the option out or start another run",
                    name, value_text(now[i]), value_text(then[i]), run.config().string()));
  }
  read_config(run.config(), kTask, settings.list(), given);
}

void repeat_settings(LanguageModelSettings& settings, const std::filesystem::path& config,
                     const std::set<std::string>& given) {
  read_config(config, kTask, settings.list(), with_lengths(given));
}

}  // namespace unfold
