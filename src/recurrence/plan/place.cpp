#include <algorithm>

#include "recurrence/plan/passes.h"

namespace unfold::recurrence {
namespace {

/// depends[v][s]: whether value v is computed from the previous value of state s (or, backward, from its message),
/// within one step.
std::vector<std::vector<char>> dependence(const Flow& flow, Op leaf) {
  const std::size_t states = flow.graph->states.size();
  std::vector<std::vector<char>> result(flow.values.size(), std::vector<char>(states, 0));
  for (ValueId id = 0; id < flow.count(); ++id) {
    if (flow[id].op == leaf) result[at(id)][at(flow[id].index)] = 1;
    for (const ValueId read : reads(flow[id])) {
      for (std::size_t s = 0; s < states; ++s) result[at(id)][s] |= result[at(read)][s];
    }
  }
  return result;
}

/// The states on a cycle of the recurrence, or on a way from one cycle to another.
std::vector<char> find_looping(const std::vector<std::vector<char>>& depends, const std::vector<ValueId>& next) {
  const std::size_t states = next.size();
  std::vector<std::vector<char>> reach(states, std::vector<char>(states, 0));  // [from][to], in one or more ticks
  for (std::size_t to = 0; to < states; ++to) {
    for (std::size_t from = 0; from < states; ++from) {
      reach[from][to] = next[to] == kNoValue ? 0 : depends[at(next[to])][from];
    }
  }
  for (std::size_t via = 0; via < states; ++via) {
    for (std::size_t from = 0; from < states; ++from) {
      for (std::size_t to = 0; to < states; ++to)
        reach[from][to] |= static_cast<char>(reach[from][via] && reach[via][to]);
    }
  }
  const auto cyclic = [&](std::size_t s) { return reach[s][s] != 0; };
  std::vector<char> looping(states, 0);
  for (std::size_t s = 0; s < states; ++s) {
    bool from_cycle = cyclic(s);
    bool to_cycle = cyclic(s);
    for (std::size_t u = 0; u < states; ++u) {
      from_cycle = from_cycle || (cyclic(u) && reach[u][s]);
      to_cycle = to_cycle || (cyclic(u) && reach[s][u]);
    }
    looping[s] = from_cycle && to_cycle;
  }
  return looping;
}

/// Before what recurs, inside, or after; `pass` alone. `looping` are the states that recur in this pass.
void place_pass(Flow& flow, Pass pass, Op leaf, const std::vector<ValueId>& next, const std::vector<char>& looping) {
  const auto depends = dependence(flow, leaf);
  // A state that follows a cycle is itself late: what reads it comes after the loop.
  std::vector<char> late_state(next.size(), 0);
  for (std::size_t round = 0; round < next.size(); ++round) {
    for (std::size_t s = 0; s < next.size(); ++s) {
      if (looping[s] || next[s] == kNoValue) continue;
      for (std::size_t u = 0; u < next.size(); ++u) {
        if (depends[at(next[s])][u] && (looping[u] || late_state[u])) late_state[s] = 1;
      }
    }
  }
  std::vector<char> needed(flow.values.size(), 0);
  for (std::size_t s = 0; s < next.size(); ++s) {
    if (looping[s] && next[s] != kNoValue) needed[at(next[s])] = 1;
  }
  for (ValueId id = flow.count() - 1; id >= 0; --id) {
    if (!needed[at(id)]) continue;
    for (const ValueId read : reads(flow[id])) needed[at(read)] = 1;
  }
  for (ValueId id = 0; id < flow.count(); ++id) {
    if (flow[id].pass != pass) continue;
    bool recurrent = false;
    bool late = false;
    for (std::size_t s = 0; s < next.size(); ++s) {
      recurrent = recurrent || (depends[at(id)][s] && looping[s]);
      late = late || (depends[at(id)][s] && late_state[s]);
    }
    flow[id].when = late ? When::kAfter : !recurrent ? When::kBefore : needed[at(id)] ? When::kInside : When::kAfter;
  }
}

/// Forward values that are the same at every tick are computed once per sequence.
void place_per_sequence(Flow& flow) {
  for (ValueId id = 0; id < flow.count(); ++id) {
    Value& value = flow[id];
    if (value.pass != Pass::kForward) continue;
    bool once = value.op == Op::kGiven || value.op == Op::kParameter || value.op == Op::kNumber ||
                (value.op == Op::kMask && !flow.graph->masks[at(value.index)].every_tick);
    if (!is_leaf(value) && value.op != Op::kTickSum) {  // how many rows a tick has is not the same at every tick
      once = true;
      for (const ValueId read : reads(value)) once = once && flow[read].when == When::kOnce;
    }
    if (once) value.when = When::kOnce;
  }
}

/// Elementwise work gains nothing from being done ahead of the loop, it only costs a pass over memory: what only the
/// loop reads moves into it, where it fuses with its readers.
void move_into_loop(Flow& flow) {
  const auto users = readers(flow);
  const auto roles = has_role(flow);
  for (ValueId id = flow.count() - 1; id >= 0; --id) {
    Value& value = flow[id];
    if (!is_elementwise(value) || value.when != When::kBefore || roles[at(id)] || users[at(id)].empty()) continue;
    bool read_inside = false;
    bool read_elsewhere = false;
    for (const ValueId user : users[at(id)]) {
      const Value& reader = flow[user];
      if (reader.pass != value.pass) continue;  // backward reads what is kept, whenever it was computed
      (reader.when == When::kInside && !is_product(reader) ? read_inside : read_elsewhere) = true;
    }
    if (read_inside && !read_elsewhere) value.when = When::kInside;
  }
}

/// Nor from being done ahead of the loop for what follows the loop, which would read it back from memory.
void move_behind_loop(Flow& flow) {
  const auto users = readers(flow);
  const auto roles = has_role(flow);
  for (ValueId id = flow.count() - 1; id >= 0; --id) {
    Value& value = flow[id];
    if (!is_elementwise(value) || value.when != When::kBefore || roles[at(id)] || users[at(id)].empty()) continue;
    const bool is_read_after_alone = std::ranges::all_of(users[at(id)], [&](ValueId user) {
      return flow[user].pass == value.pass && flow[user].when == When::kAfter && is_elementwise(flow[user]);
    });
    if (is_read_after_alone) value.when = When::kAfter;
  }
}

/// What follows the loop but reads values that exist only inside it is computed inside, so that those need not be
/// stored.
void move_from_after(Flow& flow) {
  std::vector<char> stored = has_role(flow);
  for (const Value& value : flow.values) {
    for (const Term& term : value.terms) stored[at(term.operand)] = 1;
  }
  for (ValueId id = 0; id < flow.count(); ++id) {
    Value& value = flow[id];
    if (!is_elementwise(value) || value.when != When::kAfter) continue;
    bool transient = false;
    bool ready = true;
    for (const ValueId read : value.operands) {
      const Value& operand = flow[read];
      if (operand.pass != value.pass) continue;
      ready = ready && operand.when != When::kAfter;
      transient = transient || (operand.when == When::kInside &&
                                (operand.op == Op::kNextGradient || (is_elementwise(operand) && !stored[at(read)])));
    }
    if (transient && ready) value.when = When::kInside;
  }
}

}  // namespace

void place(Flow& flow) {
  flow.looping = find_looping(dependence(flow, Op::kState), flow.next);
  place_pass(flow, Pass::kForward, Op::kState, flow.next, flow.looping);
  if (flow.has_backward()) {
    for (const ValueId message : flow.message) flow.sends_message.push_back(message != kNoValue);
    place_pass(flow, Pass::kBackward, Op::kNextGradient, flow.message, flow.sends_message);
  }
  place_per_sequence(flow);
  move_into_loop(flow);
  move_behind_loop(flow);
  move_from_after(flow);
}

}  // namespace unfold::recurrence
