// A stack of recurrences one step at a time.
#pragma once

#include <map>
#include <utility>
#include <vector>

#include "base/fastest_way.h"
#include "unfold/streaming.h"

namespace unfold {

/// How the layers of a stack are connected; see StackOptions.
struct StackConnections {
  bool skip = false;
  std::vector<bool> residual = {};  // per layer
};

/// As RecurrenceStream, for all layers: rows are sequences, and do not depend on each other.
class StackStream {
 public:
  StackStream(std::vector<RecurrenceStream> layers, StackConnections connections, StreamInput input);

  void reserve(Index rows);
  void refresh();

  void set_token(Index row, std::int32_t token) { tokens_[static_cast<std::size_t>(row)] = token; }
  std::vector<RecurrenceStream>& layers() { return layers_; }
  void start(Index row);

  /// Threads share the products where that was measured to be faster; the numbers are the same.
  void step(Index rows);
  Index output_size() const { return output_size_; }
  /// Of a row at the last step [output size]; rows lie one after another.
  const float* output(Index row) const { return outputs_.data() + row * output_size_; }
  Index bytes() const;

 private:
  void step_layers(Index rows);
  void read_input(Index row);

  std::vector<RecurrenceStream> layers_;
  StackConnections connections_;
  StreamInput input_;
  std::vector<std::int32_t> tokens_;
  std::vector<float> input_row_;  // the token as a vector [I], where more than the first layer reads it
  std::vector<float> below_;      // a layer's output for one row, with its residual connection
  Index output_size_ = 0;
  std::vector<float> outputs_;  // [rows, output size]
  /// With all threads or alone, for each number of threads and of rows (those within a factor of two share one).
  std::map<std::pair<int, int>, FastestWay> fastest_ways_;
};

}  // namespace unfold
