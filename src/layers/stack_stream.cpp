#include "layers/stack_stream.h"

#include <algorithm>
#include <bit>
#include <optional>

#include "base/threads.h"

namespace unfold {
namespace {

/// With all threads, or alone.
constexpr int kWays = 2;
constexpr int kAlone = 1;

}  // namespace

StackStream::StackStream(std::vector<RecurrenceStream> layers, StackConnections connections, StreamInput input)
    : layers_(std::move(layers)), connections_(std::move(connections)), input_(input) {
  if (connections_.skip || connections_.residual[0]) {
    input_row_.resize(static_cast<std::size_t>(layers_[0].input_size()));
  }
  Index widest = 0;
  for (const RecurrenceStream& layer : layers_) {
    output_size_ = connections_.skip ? output_size_ + layer.output_size() : layer.output_size();
    widest = std::max(widest, layer.output_size());
  }
  below_.resize(static_cast<std::size_t>(widest));
  reserve(1);
}

void StackStream::reserve(Index rows) {
  if (rows <= static_cast<Index>(tokens_.size())) return;
  for (RecurrenceStream& layer : layers_) layer.reserve(rows);
  tokens_.resize(static_cast<std::size_t>(rows));
  outputs_.resize(static_cast<std::size_t>(rows * output_size_));
}

void StackStream::refresh() {
  for (RecurrenceStream& layer : layers_) layer.refresh();
}

void StackStream::start(Index row) {
  for (RecurrenceStream& layer : layers_) layer.start(row);
}

Index StackStream::bytes() const {
  Index bytes = 0;
  for (const RecurrenceStream& layer : layers_) bytes += layer.bytes();
  return bytes;
}

void StackStream::read_input(Index row) {
  const std::int32_t token = tokens_[static_cast<std::size_t>(row)];
  const auto size = static_cast<Index>(input_row_.size());
  if (input_.table != nullptr) {
    std::copy_n(input_.table->value().data() + token * size, size, input_row_.data());
    return;
  }
  std::fill(input_row_.begin(), input_row_.end(), 0.0F);
  input_row_[static_cast<std::size_t>(token)] = 1;
}

void StackStream::step(Index rows) {
  if (threads_here() == 1) return step_layers(rows);
  const int size = static_cast<int>(std::bit_width(static_cast<std::uint64_t>(rows)));
  FastestWay& fastest = fastest_ways_.try_emplace({thread_count(), size}, kWays).first->second;
  fastest.run(static_cast<double>(rows), [&](int way) {
    std::optional<Alone> alone;
    if (way == kAlone) alone.emplace();
    step_layers(rows);
  });
}

/// Layer after layer for all rows. What a layer gives goes, with what its residual connection adds, to the layer above
/// and, as connected, to the output.
void StackStream::step_layers(Index rows) {
  for (Index row = 0; row < rows; ++row) layers_[0].set_token(row, tokens_[static_cast<std::size_t>(row)]);
  Index column = 0;  // of the output
  for (std::size_t l = 0; l < layers_.size(); ++l) {
    RecurrenceStream& layer = layers_[l];
    layer.step(rows);
    const Index size = layer.output_size();
    const bool is_last = l + 1 == layers_.size();
    for (Index row = 0; row < rows; ++row) {
      if (!input_row_.empty()) read_input(row);
      float* sum = below_.data();
      std::copy_n(layer.output(row), size, sum);
      if (connections_.residual[l]) {
        const float* below = l == 0 ? input_row_.data() : layer.input(row);
        for (Index i = 0; i < size; ++i) sum[i] += below[i];
      }
      if (connections_.skip || is_last) std::copy_n(sum, size, outputs_.data() + row * output_size_ + column);
      if (is_last) continue;
      float* above = layers_[l + 1].input(row);
      std::copy_n(sum, size, above);
      if (connections_.skip) std::copy(input_row_.begin(), input_row_.end(), above + size);
    }
    if (connections_.skip) column += size;
  }
}

}  // namespace unfold
