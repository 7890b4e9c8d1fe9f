#include "recurrence/rewrites/rewrites.h"

#include <fmt/format.h>

#include "unfold/error.h"

namespace unfold::recurrence {

Graph apply_rewrites(Graph graph, std::span<const Rewrite> rewrites, Mode mode) {
  for (const Rewrite& rewrite : rewrites) {
    if (rewrite.kind == Rewrite::Kind::kTeacherForcing) graph = force_teacher(graph, rewrite);
  }
  bool is_dropped = false;
  for (const Rewrite& rewrite : rewrites) {
    if (rewrite.kind == Rewrite::Kind::kTeacherForcing) continue;
    if (is_dropped) {
      throw InputError(
          fmt::format("cell '{}': recurrent dropout is asked for twice; choose naive or variational", graph.cell));
    }
    is_dropped = true;
    graph = drop_recurrent(graph, rewrite, mode);
  }
  return graph;
}

}  // namespace unfold::recurrence
