#include "recurrence/rewrites/rewrites.h"

#include <fmt/format.h>

#include <algorithm>

#include "unfold/error.h"

namespace unfold::recurrence {
namespace {

using Kind = Rewrite::Kind;

const char* name_of(Kind kind) {
  switch (kind) {
    case Kind::kTeacherForcing: return "teacher forcing";
    case Kind::kNaiveDropout:
    case Kind::kVariationalDropout: return "recurrent dropout";
    case Kind::kZoneout: return "zoneout";
    case Kind::kWeightDrop: return "weight drop";
    case Kind::kMessageClip: return "the message clip";
  }
  return "";
}

/// The rewrites in the order in which they are applied. Several states may be forced; everything else is done once.
std::vector<Rewrite> in_order(const Graph& graph, std::span<const Rewrite> rewrites) {
  std::vector<Rewrite> result(rewrites.begin(), rewrites.end());
  std::ranges::stable_sort(result, {}, &Rewrite::kind);
  for (std::size_t i = 1; i < result.size(); ++i) {
    const char* name = name_of(result[i].kind);
    if (result[i].kind == Kind::kTeacherForcing || name != name_of(result[i - 1].kind)) continue;
    const bool dropout = result[i].kind == Kind::kNaiveDropout || result[i].kind == Kind::kVariationalDropout;
    throw InputError(fmt::format("cell '{}': {} is asked for twice{}", graph.cell, name,
                                 dropout ? "; choose naive or variational" : ""));
  }
  return result;
}

}  // namespace

Graph apply_rewrites(Graph graph, std::span<const Rewrite> rewrites, Mode mode) {
  std::vector<std::string> forced;
  for (const Rewrite& rewrite : in_order(graph, rewrites)) {
    switch (rewrite.kind) {
      case Kind::kTeacherForcing:
        forced.push_back(rewrite.state);
        if (mode == Mode::kTraining) graph = force_teacher(graph, rewrite);
        break;
      case Kind::kNaiveDropout:
      case Kind::kVariationalDropout: graph = drop_recurrent(graph, rewrite, mode); break;
      case Kind::kZoneout: graph = zone_out(graph, rewrite, forced, mode); break;
      case Kind::kWeightDrop: graph = drop_weights(graph, rewrite, mode); break;
      case Kind::kMessageClip: graph = clip_messages(graph, rewrite, mode); break;
    }
  }
  return mode == Mode::kTraining ? graph : read_stored_statistics(std::move(graph));
}

void check_rate(const char* rewrite, double rate) {
  if (rate >= 0 && rate < 1) return;
  throw InputError(fmt::format("{}: the rate is {}; expected at least 0 and below 1", rewrite, rate));
}

}  // namespace unfold::recurrence
