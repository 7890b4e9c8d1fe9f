// A language model's training in sittings: whatever depends on the past is in the checkpoint.
#include <gtest/gtest.h>

#include <fstream>

#include "base/file.h"
#include "base/temporary_folder.h"
#include "models/safetensors.h"
#include "tasks/language_model/language_model.h"

namespace unfold {
namespace {

using Checkpoint = std::map<std::string, StoredTensor>;

bool nothing_special(const Checkpoint&) { return true; }
bool averaged(const Checkpoint& arrays) { return arrays.lower_bound("average.")->first.starts_with("average."); }
bool went_back(const Checkpoint& arrays) {
  TensorFile file{.tensors = arrays, .metadata = {{"seconds", "0"}}, .path = {}};
  return take_counters(file).rollbacks > 0;
}

struct Case {
  const char* name;
  std::function<void(LanguageModelSettings&)> set;
  /// Whether the run met what it is there to show.
  bool (*met)(const Checkpoint&) = nothing_special;
};

void PrintTo(const Case& method, std::ostream* out) { *out << method.name; }

class Sittings : public testing::TestWithParam<Case> {
 protected:
  LanguageModelSettings settings() {
    std::ofstream stream(folder_ / "text.txt");
    for (int i = 0; i < 120; ++i) stream << (i % 3 == 0 ? "a rose " : i % 7 == 0 ? "is not\n" : "is a rose ");
    stream.close();
    LanguageModelSettings all;
    all.text.data = {(folder_ / "text.txt").string()};
    all.text.batch = 3;
    all.text.unroll = 5;
    all.network.hidden = "6";
    all.network.layers = 1;
    all.length.steps = 40;
    all.length.validate_every = 4;
    GetParam().set(all);
    return all;
  }
  /// The arrays of the run's last checkpoint, after sittings of `length` steps.
  Checkpoint train(const std::string& name, Index length) {
    for (ExistingRun existing = ExistingRun::kRefuse;; existing = ExistingRun::kResume) {
      LanguageModelHooks hooks;
      hooks.stop = [left = length]() mutable { return left-- == 0; };
      const RunDirectory run(folder_ / name, existing);
      if (train_language_model(settings(), run, hooks).result.outcome != Outcome::kInterrupted) break;
    }
    return read_tensor_file(folder_ / name / "last.safetensors").tensors;
  }

  const TemporaryFolder temporary_;
  const std::filesystem::path folder_ = temporary_.path();
};

TEST_P(Sittings, LeaveNoTrace) {
  const Checkpoint whole = train("whole", 1000);
  const Checkpoint parts = train("parts", 7);
  EXPECT_TRUE(GetParam().met(whole));
  ASSERT_EQ(parts.size(), whole.size());
  for (const auto& [name, tensor] : whole) {
    ASSERT_TRUE(parts.contains(name)) << name;
    EXPECT_EQ(parts.at(name).bytes, tensor.bytes) << name;
  }
  EXPECT_EQ(read_file(folder_ / "parts/model.safetensors"), read_file(folder_ / "whole/model.safetensors"));
}

/// Rates that make the toys wander, so that validations get worse now and then.
void wander(LanguageModelSettings& all, const char* method) {
  all.optimizer.method = method;
  all.optimizer.schedule = "constant";
  all.optimizer.learning_rate = 0.3;
}

INSTANTIATE_TEST_SUITE_P(
    Methods, Sittings,
    testing::Values(Case{"momentum", [](LanguageModelSettings& all) { all.optimizer.method = "momentum"; }},
                    Case{"rmsprop", [](LanguageModelSettings& all) { all.optimizer.method = "rmsprop"; }},
                    Case{"adagrad", [](LanguageModelSettings& all) { all.optimizer.method = "adagrad"; }},
                    Case{"adamw",
                         [](LanguageModelSettings& all) {
                           all.optimizer.method = "adamw";
                           all.optimizer.weight_decay = 0.1;
                           all.optimizer.clip_value = 0.01;
                         }},
                    Case{"asgd",
                         [](LanguageModelSettings& all) {
                           wander(all, "asgd");
                           all.optimizer.learning_rate = 12;
                           all.optimizer.average_trigger = 1;
                         },
                         averaged},
                    Case{"averages", [](LanguageModelSettings& all) { all.optimizer.average_weights = 0.9; }, averaged},
                    Case{"bfloat16", [](LanguageModelSettings& all) { all.execution.precision = "bf16"; }},
                    Case{"plateau",
                         [](LanguageModelSettings& all) {
                           wander(all, "adam");
                           all.optimizer.schedule = "plateau";
                           all.optimizer.decay_patience = 1;
                         }},
                    Case{"recovery",
                         [](LanguageModelSettings& all) {
                           wander(all, "sgd");
                           all.network.cell = "elman_relu";
                           all.optimizer.learning_rate = 20;
                           all.optimizer.clip_norm = 0;
                           all.recovery.retries = 20;
                         },
                         went_back},
                    Case{"search",
                         [](LanguageModelSettings& all) {
                           wander(all, "sgd");
                           all.network.cell = "elman_relu";
                           all.optimizer.learning_rate = 20;
                           all.optimizer.clip_norm = 5;
                           all.recovery.clip_search = true;
                         },
                         went_back},
                    Case{"around",
                         [](LanguageModelSettings& all) {
                           all.text.level = "word";
                           all.network.hidden = "6,4";
                           all.network.layers = kAutomatic;
                           all.network.embed = 5;
                           all.network.skip = true;
                           all.network.tie_weights = true;
                           all.network.init = "uniform:0.1";
                           all.network.forget_bias = "1";
                           all.regularisation.dropout = "variational:0.3";
                           all.regularisation.input_dropout = "0.2";
                           all.regularisation.output_dropout = "0.2";
                           all.regularisation.embedding_dropout = 0.1;
                           all.regularisation.label_smoothing = 0.1;
                           all.regularisation.activation_penalty = 1;
                           all.regularisation.temporal_penalty = 1;
                         }},
                    Case{"adaptive",
                         [](LanguageModelSettings& all) {
                           all.network.softmax = "adaptive";
                           all.network.cutoffs = "2,5";
                           all.network.residual = true;
                           all.network.hidden = "6,6";
                           all.network.layers = kAutomatic;
                         }}),
    [](const auto& method) { return std::string(method.param.name); });

INSTANTIATE_TEST_SUITE_P(
    Texts, Sittings,
    testing::Values(Case{"jitter", [](LanguageModelSettings& all) { all.text.unroll_jitter = true; }},
                    Case{"documents", [](LanguageModelSettings& all) { all.text.document_separator = "not"; }},
                    Case{"lines",
                         [](LanguageModelSettings& all) {
                           all.text.lines = true;
                           all.text.held_out = 0.4;
                         }},
                    Case{"words", [](LanguageModelSettings& all) { all.text.level = "word"; }},
                    Case{"pieces",
                         [](LanguageModelSettings& all) {
                           all.text.level = "bpe";
                           all.text.vocabulary = 270;
                         }}),
    [](const auto& text) { return std::string(text.param.name); });

}  // namespace
}  // namespace unfold
