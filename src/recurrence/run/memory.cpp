#include "recurrence/run/memory.h"

#include <algorithm>

#include "base/threads.h"

namespace unfold::recurrence {

Memory::Memory(const Plan& plan, const Unrolling& unrolling, const ParameterList& parameters)
    : plan_(plan), unrolling_(unrolling), parameters_(parameters) {
  for (const Buffer& buffer : plan.buffers) strides_.push_back(buffer.columns);  // oneDNN is slow for rows with gaps
  buffers_.resize(plan.buffers.size());
  make_buffers(Stage::kForward);
}

void Memory::make_buffers(Stage stage) {
  for (std::size_t i = 0; i < buffers_.size(); ++i) {
    if (plan_.buffers[i].begins == stage && !plan_.buffers[i].is_callers) buffers_[i] = make_buffer(plan_.buffers[i]);
  }
}

void Memory::begin_backward(Tensor output_gradient) {
  if (const int number = plan_.output_gradient_buffer; number >= 0) {
    const Shape shape = {unrolling_.rows(), plan_.buffers[at(number)].columns};
    buffers_[at(number)] = output_gradient.count() == 0 ? Tensor(shape) : std::move(output_gradient);
  }
  make_buffers(Stage::kBackward);
}

void Memory::begin_behind_loop() {
  const int number = plan_.output_gradient_buffer;
  if (number >= 0 && !plan_.reads_output_gradient_buffer_behind_loop) buffers_[at(number)] = Tensor();
  make_buffers(Stage::kBehindLoop);
}

Tensor Memory::make_buffer(const Buffer& buffer) const {
  Index rows = 0;
  switch (buffer.rows) {
    case Rows::kTick: rows = unrolling_.rows(); break;
    case Rows::kSequence: rows = unrolling_.batch(); break;
    case Rows::kState: rows = unrolling_.batch() + unrolling_.rows(); break;
    case Rows::kPerTick: return Tensor({unrolling_.steps(), buffer.columns});
    case Rows::kMessage: rows = 2 * unrolling_.batch(); break;
  }
  return Tensor::uninitialised({rows, buffer.columns});
}

Tensor Memory::rows(ValueId id, bool take) {
  const bool is_whole = plan_.has_own_rows(id) && plan_.buffer(id).rows == Rows::kTick;
  if (take && is_whole) return std::move(buffers_[at(plan_.location(id).buffer)]);
  return copied_rows(id);
}

Tensor Memory::copied_rows(ValueId id) const {
  const Access where = access(id);
  const Index size = plan_.value(id).size;
  Tensor copy = Tensor::uninitialised({unrolling_.rows(), size});
  parallel(unrolling_.steps(), [&](Index tick) {
    for (Index position = 0; position < unrolling_.rows_at(tick); ++position) {
      std::copy_n(row(where, tick, position), size, copy.data() + (unrolling_.start(tick) + position) * size);
    }
  });
  return copy;
}

Tensor Memory::shared_rows(ValueId id) const {
  const Index size = plan_.value(id).size;
  const Index first = plan_.buffer(id).rows == Rows::kState ? unrolling_.batch() : 0;
  return Tensor::shared_part(buffers_[at(plan_.location(id).buffer)], first * size, {unrolling_.rows(), size});
}

Access Memory::access(ValueId id) const {
  const Value& value = plan_.value(id);
  const auto whole = [&](int number, Access::Kind kind, Index column = 0) {
    return Access{kind, const_cast<float*>(buffers_[at(number)].data()) + column, strides_[at(number)]};
  };
  switch (value.op) {
    case Op::kInput: return {Access::Kind::kTick, const_cast<float*>(input_rows[at(value.index)]), value.size};
    case Op::kGiven: return {Access::Kind::kSequence, const_cast<float*>(givens[at(value.index)].data()), value.size};
    case Op::kParameter:
      return {Access::Kind::kBroadcast, const_cast<float*>(parameters_[at(value.index)]->value().data()), 0};
    case Op::kState: return whole(plan_.state_buffers[at(value.index)], Access::Kind::kPrevious);
    case Op::kNextGradient: {
      const bool sends = plan_.flow.sends_message[at(value.index)] != 0;
      return whole(plan_.message_buffers[at(value.index)], sends ? Access::Kind::kMessageIn : Access::Kind::kTick);
    }
    default: break;
  }
  const TokenRows& rows = plan_.token_rows[at(id)];
  if (const auto found = look_ups_.find(rows.packed); found != look_ups_.end()) {
    float* first = const_cast<float*>(found->second.table) + rows.column;
    return {Access::Kind::kToken, first, rows.columns, 0, tokens[at(rows.input)].data()};
  }
  const Location& location = plan_.location(id);
  Access::Kind kind = Access::Kind::kTick;
  switch (plan_.buffer(id).rows) {
    case Rows::kTick: kind = Access::Kind::kTick; break;
    case Rows::kSequence: kind = Access::Kind::kSequence; break;
    case Rows::kState: kind = Access::Kind::kCurrent; break;
    case Rows::kMessage: kind = Access::Kind::kMessageOut; break;
    case Rows::kPerTick: {
      float* first = const_cast<float*>(buffers_[at(location.buffer)].data()) + location.column;
      return {Access::Kind::kPerTick, first, 0, strides_[at(location.buffer)]};
    }
  }
  return whole(location.buffer, kind, location.column);
}

Index Memory::row_number(const Access& access, Index tick, Index position) const {
  const Index batch = unrolling_.batch();
  switch (access.kind) {
    case Access::Kind::kTick: return unrolling_.start(tick) + position;
    case Access::Kind::kPrevious: return tick == 0 ? position : batch + unrolling_.start(tick - 1) + position;
    case Access::Kind::kCurrent: return batch + unrolling_.start(tick) + position;
    case Access::Kind::kSequence: return position;
    case Access::Kind::kBroadcast:
    case Access::Kind::kPerTick: return 0;
    case Access::Kind::kMessageIn: return (tick & 1) * batch + position;
    case Access::Kind::kMessageOut: return ((tick + 1) & 1) * batch + position;
    case Access::Kind::kToken: return access.tokens[unrolling_.start(tick) + position];
  }
  return 0;
}

float* Memory::row(const Access& access, Index tick, Index position) const {
  return access.base + row_number(access, tick, position) * access.stride + tick * access.from_tick_to_tick;
}

void Memory::bind_table(int packed, const float* table, Tensor owner) { look_ups_[packed] = {table, std::move(owner)}; }

void Memory::keep_table(int packed, Tensor owner) {
  if (owner.count() > 0) look_ups_.at(packed).owner = std::move(owner);
}

MatrixRows Memory::matrix(ValueId id) {
  const Access where = access(id);
  const bool whole_batch = unrolling_.is_equal();
  if (where.kind == Access::Kind::kTick) return {where.base, where.stride};
  if (where.kind == Access::Kind::kCurrent) return {where.base + unrolling_.batch() * where.stride, where.stride};
  if (where.kind == Access::Kind::kPrevious && whole_batch) return {where.base, where.stride};
  const Index size = plan_.value(id).size;
  Tensor rows = Tensor::uninitialised({unrolling_.rows(), size});
  for (Index tick = 0; tick < unrolling_.steps(); ++tick) {
    for (Index position = 0; position < unrolling_.rows_at(tick); ++position) {
      std::copy_n(row(where, tick, position), size, rows.data() + (unrolling_.start(tick) + position) * size);
    }
  }
  gathered_.emplace_back(id, std::move(rows));
  return {gathered_.back().second.data(), size};
}

}  // namespace unfold::recurrence
