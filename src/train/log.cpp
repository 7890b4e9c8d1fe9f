#include "train/log.h"

#include <nlohmann/json.hpp>
#include <sstream>
#include <string>

#include "base/file.h"

namespace unfold {
namespace {

/// `file` with its entries up to `step` alone. A line cut off by a crash ends them.
const std::filesystem::path& cut(const std::filesystem::path& file, Index step) {
  std::string kept;
  if (std::filesystem::exists(file)) {
    std::istringstream stream(read_file(file));
    for (std::string line; std::getline(stream, line);) {
      const nlohmann::json object = nlohmann::json::parse(line, nullptr, /*allow_exceptions=*/false);
      if (!object.is_object() || object.value("step", step + 1) > step) break;
      kept += line + '\n';
    }
  }
  write_atomically(file, kept);
  return file;
}

}  // namespace

TrainingLog::TrainingLog(std::filesystem::path file, Index step) : file_(std::move(file)), lines_(cut(file_, step)) {}

void TrainingLog::write(const LogEntry& entry) {
  nlohmann::ordered_json object = {
      {"step", entry.step},
      {"epoch", entry.epoch},
      {"seconds", entry.seconds},
      {"train_nats", entry.train_nats},
      {"learning_rate", entry.learning_rate},
      {"grad_norm", entry.gradient_norm},
      {"tokens_per_second", entry.tokens_per_second},
  };
  if (entry.valid_nats) object["valid_nats"] = *entry.valid_nats;
  lines_.append(object.dump());
}

void TrainingLog::go_back(const Return& back) {
  lines_ = LineLog(cut(file_, back.to));
  const nlohmann::ordered_json object = {
      {"step", back.to}, {"diverged_at", back.from}, {"reason", back.reason}, {"halvings", back.times}};
  lines_.append(object.dump());
}

}  // namespace unfold
