#include "tasks/rewrite_settings.h"

#include <fmt/core.h>

#include "unfold/error.h"

namespace unfold {
namespace {

using Kind = Rewrite::Kind;

bool is_rate(double rate) { return rate >= 0 && rate < 1; }

/// "naive:0.2" or "variational:0.2" as a rewrite.
Rewrite parse_recurrent_dropout(const std::string& text) {
  const std::size_t colon = text.find(':');
  const std::string kind = text.substr(0, colon);
  double rate = -1;
  if (colon != std::string::npos) {
    std::size_t read = 0;
    try {
      rate = std::stod(text.substr(colon + 1), &read);
    } catch (const std::logic_error&) {  // no number, or out of range
    }
    if (colon + 1 + read != text.size()) rate = -1;
  }
  if ((kind != "naive" && kind != "variational") || !is_rate(rate)) {
    throw UsageError(
        fmt::format("--recurrent-dropout expects none, naive:P or variational:P with 0 <= P < 1, found '{}'", text));
  }
  return {.kind = kind == "naive" ? Kind::kNaiveDropout : Kind::kVariationalDropout, .rate = rate};
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
  if (recurrent_dropout != "none") result.push_back(parse_recurrent_dropout(recurrent_dropout));
  if (zoneout != 0) result.push_back(with_rate(Kind::kZoneout, "zoneout", zoneout));
  if (weight_drop != 0) result.push_back(with_rate(Kind::kWeightDrop, "weight-drop", weight_drop));
  if (clip_message != 0) result.push_back({.kind = Kind::kMessageClip, .bound = clip_message});
  return result;
}

}  // namespace unfold
