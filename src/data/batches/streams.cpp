#include "data/batches/streams.h"

#include <fmt/format.h>

#include <algorithm>

#include "unfold/error.h"

namespace unfold {
namespace {

/// A part of a stream's window that is one sequence.
struct Sequence {
  Index stream = 0;
  Index begin = 0;  // within the stream's tokens
  Index ticks = 0;
  bool at_start = false;
};

/// The sequences that one stream's tokens (its inputs and the last target) consist of.
void append_sequences(const std::vector<std::int32_t>& tokens, Index stream, bool first,
                      std::optional<std::int32_t> boundary, std::vector<Sequence>& sequences) {
  const Index ticks = static_cast<Index>(tokens.size()) - 1;
  Sequence sequence{.stream = stream, .at_start = first};
  for (Index tick = 0; tick < ticks; ++tick) {
    if (boundary && tokens[static_cast<std::size_t>(tick)] == *boundary) {
      if (tick > 0) sequences.push_back(sequence);
      sequence = {.stream = stream, .begin = tick, .at_start = true};
    }
    ++sequence.ticks;
  }
  sequences.push_back(sequence);
}

}  // namespace

Index possible_batch(const Tokens& tokens, Index batch, Index steps) {
  if (batch < 1) throw UsageError(fmt::format("the batch must be at least 1, found {}", batch));
  if (steps < 1) throw UsageError(fmt::format("the number of unrolled steps must be at least 1, found {}", steps));
  if (tokens.size() < 2) {
    throw InputError(fmt::format(
        "the text is too short: expected at least two tokens, to predict the second from the first, found {}",
        tokens.size()));
  }
  return std::clamp<Index>((tokens.size() - 1) / steps, 1, batch);
}

TokenBatch window_of_streams(const Tokens& tokens, const std::vector<StreamWindow>& streams, bool first,
                             std::optional<std::int32_t> boundary) {
  std::vector<std::vector<std::int32_t>> texts;
  std::vector<Sequence> sequences;
  TokenBatch batch;
  for (const StreamWindow& window : streams) {
    std::vector<std::int32_t>& text = texts.emplace_back(static_cast<std::size_t>(window.ticks + 1));
    tokens.read(window.begin, text);
    append_sequences(text, static_cast<Index>(texts.size()) - 1, first, boundary, sequences);
    batch.carries.push_back(static_cast<Index>(sequences.size()) - 1);
  }
  std::vector<Index> lengths;
  for (const Sequence& sequence : sequences) {
    lengths.push_back(sequence.ticks);
    batch.continues.push_back(sequence.at_start ? TokenBatch::kStart : sequence.stream);
  }
  batch.unrolling = Unrolling::ragged(lengths);
  batch.inputs.resize(static_cast<std::size_t>(batch.unrolling.rows()));
  batch.targets.resize(batch.inputs.size());
  for (std::size_t s = 0; s < sequences.size(); ++s) {
    const std::int32_t* const text = texts[static_cast<std::size_t>(sequences[s].stream)].data() + sequences[s].begin;
    for (Index tick = 0; tick < sequences[s].ticks; ++tick) {
      const auto row = static_cast<std::size_t>(batch.unrolling.row(static_cast<Index>(s), tick));
      batch.inputs[row] = text[tick];
      batch.targets[row] = text[tick + 1];
    }
  }
  return batch;
}

}  // namespace unfold
