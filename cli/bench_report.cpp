#include "bench_report.h"

#include <fmt/core.h>

#include <algorithm>

#include "base/threads.h"
#include "tasks/option_text.h"
#include "unfold/error.h"

namespace unfold::cli {
namespace {

std::string in_words(std::string key) {
  std::ranges::replace(key, '_', ' ');
  return key;
}

std::string value_of(const nlohmann::ordered_json& value) {
  if (value.is_number_float()) return fmt::format("{:.4g}", value.get<double>());
  return value.is_string() ? value.get<std::string>() : value.dump();
}

}  // namespace

BenchOptions::BenchOptions() : threads(thread_count()) {}

void BenchOptions::declare(Command& command) {
  command.group("Measuring");
  command.option("threads", threads, "Threads");
  command.option("rounds", rounds, "Rounds in which everything has its turn; the median counts");
  command.flag("json", json, "Print one JSON object");
}

void BenchOptions::apply() const { set_thread_count(static_cast<int>(threads)); }

void check_precision(const ExecutionSettings& settings) {
  if (parse_precision(settings.precision) == Precision::kBfloat16 && !multiplies_bfloat16()) {
    throw UsageError("--precision bf16: this machine has no instructions for bfloat16");
  }
}

void print_report(const nlohmann::ordered_json& report, bool json) {
  if (json) {
    fmt::print("{}\n", report.dump());
    return;
  }
  for (const auto& [key, value] : report.items()) fmt::print("{:<24} {}\n", in_words(key), value_of(value));
}

}  // namespace unfold::cli
