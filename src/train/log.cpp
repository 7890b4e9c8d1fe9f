#include "train/log.h"

#include <fmt/core.h>

#include <nlohmann/json.hpp>
#include <string>

#include "base/file.h"
#include "unfold/error.h"

namespace unfold {
namespace {

/// The lines of `file` up to `step`. A line cut off by a crash ends them.
std::string lines_until(const std::filesystem::path& file, Index step) {
  std::ifstream stream(file);
  std::string kept;
  for (std::string line; std::getline(stream, line);) {
    const nlohmann::json object = nlohmann::json::parse(line, nullptr, /*allow_exceptions=*/false);
    if (!object.is_object() || object.value("step", step + 1) > step) break;
    kept += line + '\n';
  }
  return kept;
}

}  // namespace

TrainingLog::TrainingLog(const std::filesystem::path& file, Index step) : file_(file) {
  write_file_atomically(file, lines_until(file, step));
  stream_.open(file, std::ios::app);
}

void TrainingLog::write(const LogLine& line) {
  nlohmann::ordered_json object = {
      {"step", line.step},
      {"epoch", line.epoch},
      {"seconds", line.seconds},
      {"train_nats", line.train_nats},
      {"learning_rate", line.learning_rate},
      {"grad_norm", line.gradient_norm},
      {"tokens_per_second", line.tokens_per_second},
  };
  if (line.valid_nats) object["valid_nats"] = *line.valid_nats;
  stream_ << object.dump() << '\n' << std::flush;
  if (!stream_) throw InputError(fmt::format("{}: cannot write the log; is the disk full?", file_.string()));
}

}  // namespace unfold
