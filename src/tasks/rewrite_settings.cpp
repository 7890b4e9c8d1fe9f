#include "tasks/rewrite_settings.h"

#include <fmt/core.h>

#include "tasks/option_text.h"
#include "unfold/error.h"

namespace unfold {
namespace {

using Kind = Rewrite::Kind;

bool is_rate(double rate) { return rate >= 0 && rate < 1; }

Rewrite recurrent_dropout_of(const std::string& text) {
  const std::optional<Dropout> dropout = parse_dropout(text);
  if (!dropout || text.find(':') == std::string::npos) {
    throw UsageError(
        fmt::format("--recurrent-dropout expects none, naive:P or variational:P with 0 <= P < 1, found '{}'", text));
  }
  const bool naive = dropout->mask == Dropout::Mask::kEveryStep;
  return {.kind = naive ? Kind::kNaiveDropout : Kind::kVariationalDropout, .rate = dropout->rate};
}

Rewrite with_rate(Kind kind, const char* option, double rate) {
  if (!is_rate(rate)) throw UsageError(fmt::format("--{} expects a probability P, 0 <= P < 1, found {}", option, rate));
  return {.kind = kind, .rate = rate};
}

}  // namespace

Settings RewriteSettings::list() {
  return {
      {"teacher-forcing", "State whose previous value is the shifted target in training: none or a name",
       &teacher_forcing},
      {"recurrent-dropout", "Dropout of the recurrent reads: none, naive:P or variational:P", &recurrent_dropout},
      {"zoneout", "Probability that a unit of a state keeps its previous value", &zoneout},
      {"weight-drop", "Probability that an element of a recurrent matrix is dropped for a step", &weight_drop},
      {"clip-message", "Largest element of the gradient sent from tick to tick, 0 for no limit", &clip_message},
  };
}

std::vector<Rewrite> RewriteSettings::rewrites() const {
  std::vector<Rewrite> result;
  if (teacher_forcing != "none") result.push_back({.kind = Kind::kTeacherForcing, .state = teacher_forcing});
  if (recurrent_dropout != "none") result.push_back(recurrent_dropout_of(recurrent_dropout));
  if (zoneout != 0) result.push_back(with_rate(Kind::kZoneout, "zoneout", zoneout));
  if (weight_drop != 0) result.push_back(with_rate(Kind::kWeightDrop, "weight-drop", weight_drop));
  if (clip_message != 0) result.push_back({.kind = Kind::kMessageClip, .bound = clip_message});
  return result;
}

}  // namespace unfold
