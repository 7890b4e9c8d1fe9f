// A folder for a run, and looks into what the loop leaves there.
#pragma once

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <sstream>
#include <vector>

#include "base/temporary_folder.h"
#include "train/toy_trainee.h"

namespace unfold {

class LoopTest : public testing::Test {
 protected:
  /// A run whose configuration is written, as a task does before it trains.
  RunDirectory begin(ExistingRun existing = ExistingRun::kRefuse) {
    RunDirectory run(folder_, existing);
    run.begin();
    write_atomically(run.config(), "");
    return run;
  }
  std::vector<nlohmann::json> log() const {
    std::istringstream stream(read_file(folder_ / "log.jsonl"));
    std::vector<nlohmann::json> entries;
    for (std::string line; std::getline(stream, line);) entries.push_back(nlohmann::json::parse(line));
    return entries;
  }
  /// Stops when `steps` more steps are done.
  static LoopHooks stopping_after(Index steps) {
    LoopHooks hooks;
    hooks.stop = [steps]() mutable { return steps-- <= 0; };
    return hooks;
  }

  const LoopSchedule schedule_{.steps = 23, .validate_every = 5, .log_every = 2, .save_seconds = 1e9};
  const TemporaryFolder temporary_;
  const std::filesystem::path folder_ = temporary_.path() / "run";
};

}  // namespace unfold
