#include "recurrence/parse/step_order.h"

#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <unordered_map>

#include "recurrence/parse/diagnostics.h"

namespace unfold::recurrence {
namespace {

constexpr std::size_t kShownOfACycle = 8;

std::string written(const Assignment& assignment) { return assignment.name + (assignment.is_next ? "'" : ""); }

class Dependencies {
 public:
  explicit Dependencies(const Syntax& syntax) : syntax_(syntax) {
    for (std::size_t i = 0; i < syntax.assignments.size(); ++i) {
      numbers_.emplace(written(syntax.assignments[i]), static_cast<std::int32_t>(i));
    }
  }

  // Assignments on the shortest way from `from` to `to`, both included; empty if `from` does not depend on `to`.
  std::vector<std::int32_t> way(std::int32_t from, std::int32_t to) const {
    std::unordered_map<std::int32_t, std::int32_t> reached_from{{from, from}};
    std::deque<std::int32_t> waiting{from};
    while (!waiting.empty()) {
      const std::int32_t current = waiting.front();
      waiting.pop_front();
      if (current == to) return trace(reached_from, from, to);
      for (const std::int32_t used : uses(current)) {
        if (reached_from.emplace(used, current).second) waiting.push_back(used);
      }
    }
    return {};
  }

 private:
  static std::vector<std::int32_t> trace(const std::unordered_map<std::int32_t, std::int32_t>& reached_from,
                                         std::int32_t from, std::int32_t to) {
    std::vector<std::int32_t> result{to};
    while (result.back() != from) result.push_back(reached_from.at(result.back()));
    std::ranges::reverse(result);
    return result;
  }

  // The assignments that the value of `assignment` reads.
  std::vector<std::int32_t> uses(std::int32_t assignment) const {
    std::vector<std::int32_t> result;
    std::vector<ExpressionId> open{syntax_.assignments[static_cast<std::size_t>(assignment)].value};
    while (!open.empty()) {
      const Expression& expression = syntax_[open.back()];
      open.pop_back();
      const bool is_next = expression.kind == Expression::Kind::kNext;
      if (is_next || expression.kind == Expression::Kind::kName) {
        const auto found = numbers_.find(expression.name + (is_next ? "'" : ""));
        if (found != numbers_.end()) result.push_back(found->second);
      }
      const bool is_slice = expression.kind == Expression::Kind::kSlice;
      const auto end = is_slice ? expression.operands.begin() + 1 : expression.operands.end();
      open.insert(open.end(), expression.operands.begin(), end);
    }
    return result;
  }

  const Syntax& syntax_;
  std::unordered_map<std::string, std::int32_t> numbers_;
};

}  // namespace

void fail_on_order(const SourceText& source, const Syntax& syntax, std::int32_t user, std::int32_t used, Place place) {
  const auto name = [&](std::int32_t i) { return written(syntax.assignments[static_cast<std::size_t>(i)]); };
  const auto way = Dependencies(syntax).way(used, user);
  if (!way.empty()) {
    std::string cycle = name(user);
    for (std::size_t i = 0; i < way.size(); ++i) {
      if (i < kShownOfACycle || i + 1 == way.size()) cycle += " needs " + name(way[i]);
      if (i == kShownOfACycle && i + 1 < way.size()) cycle += " needs ...";
    }
    fail(source, place,
         {.what = fmt::format("a cycle within the step: {}", cycle),
          .hint = "what a step needs of the step before is a state: its previous value is written h, its next h'"});
  }
  fail(source, place,
       {.what = fmt::format("'{}' is used before it is defined", name(used)),
        .hint = fmt::format("move its definition at {} above this line",
                            text(syntax.assignments[static_cast<std::size_t>(used)].place))});
}

}  // namespace unfold::recurrence
