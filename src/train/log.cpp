#include "train/log.h"

#include <chrono>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>

#include "base/file.h"
#include "train/event_file.h"

namespace unfold {
namespace {

using Json = nlohmann::ordered_json;

double now() { return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count(); }

/// `log` with its entries up to `step` alone. A line cut off by a crash ends them.
const std::filesystem::path& cut(const std::filesystem::path& log, Index step) {
  std::string kept;
  if (std::filesystem::exists(log)) {
    std::istringstream stream(read_file(log));
    for (std::string line; std::getline(stream, line);) {
      const Json object = Json::parse(line, nullptr, /*allow_exceptions=*/false);
      if (!object.is_object() || object.value("step", step + 1) > step) break;
      kept += line + '\n';
    }
  }
  write_atomically(log, kept);
  return log;
}

/// The record of an entry of the log; nothing for one without numbers.
std::string event(const Json& entry, double began) {
  Scalars scalars;
  for (const auto& [key, tag] :
       {std::pair("train_nats", "loss/train"), std::pair("valid_nats", "loss/valid"),
        std::pair("valid_accuracy", "accuracy/valid"), std::pair("learning_rate", "learning_rate"),
        std::pair("grad_norm", "gradient_norm"), std::pair("tokens_per_second", "tokens_per_second")}) {
    if (entry.contains(key) && entry[key].is_number()) scalars.emplace_back(tag, entry[key].get<double>());
  }
  if (scalars.empty()) return {};
  return scalars_record(began + entry["seconds"].get<double>(), entry["step"].get<Index>(), scalars);
}

/// Writes `events` anew, with the entries of `log`.
const std::filesystem::path& repeat(const std::filesystem::path& log, const std::filesystem::path& events,
                                    double began) {
  std::string records = opening_records(began);
  std::istringstream stream(read_file(log));
  for (std::string line; std::getline(stream, line);) records += event(Json::parse(line), began);
  write_atomically(events, records);
  return events;
}

}  // namespace

TrainingLog::TrainingLog(const RunDirectory& run, Index step, double seconds)
    : began_(now() - seconds),
      log_(run.log()),
      events_(run.new_events(event_file_name(now()))),
      log_file_(cut(log_, step)),
      event_file_(repeat(log_, events_, began_)) {}

void TrainingLog::write(const LogEntry& entry) {
  Json object = {
      {"step", entry.step},
      {"epoch", entry.epoch},
      {"seconds", entry.seconds},
      {"train_nats", entry.train_nats},
      {"learning_rate", entry.learning_rate},
      {"grad_norm", entry.gradient_norm},
      {"tokens_per_second", entry.tokens_per_second},
  };
  if (entry.valid) object["valid_nats"] = entry.valid->nats;
  if (entry.valid && entry.valid->accuracy) object["valid_accuracy"] = *entry.valid->accuracy;
  log_file_.append(object.dump());
  event_file_.append(event(object, began_));
}

void TrainingLog::go_back(const Return& back) {
  log_file_ = LineLog(cut(log_, back.to));
  event_file_ = AppendFile(repeat(log_, events_, began_));
  const Json object = {
      {"step", back.to}, {"diverged_at", back.from}, {"reason", back.reason}, {"halvings", back.times}};
  log_file_.append(object.dump());
}

}  // namespace unfold
