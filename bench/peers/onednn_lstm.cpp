// oneDNN's LSTM primitive, forward and backward, layer by layer: the recurrence of a language model's training step
// without anything around it. Prints one JSON object.
//   c++ -O2 -std=c++20 onednn_lstm.cpp -ldnnl -o onednn_lstm; ./onednn_lstm HIDDEN LAYERS SYMBOLS BATCH UNROLL f32|bf16
//   ROUNDS
// OMP_NUM_THREADS sets the threads.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <oneapi/dnnl/dnnl.hpp>
#include <string>
#include <unordered_map>
#include <vector>

namespace {

using namespace dnnl;
using Tag = memory::format_tag;
using Type = memory::data_type;

struct Sizes {
  long input, hidden, batch, unroll;
};

/// One layer: its primitives and everything they read and write, by argument.
class Layer {
 public:
  Layer(const engine& cpu, const Sizes& s, Type type) : cpu_(cpu) {
    const memory::dims sequence_in = {s.unroll, s.batch, s.input}, sequence = {s.unroll, s.batch, s.hidden};
    const memory::dims state = {1, 1, s.batch, s.hidden}, bias = {1, 1, 4, s.hidden};
    const memory::dims from_input = {1, 1, s.input, 4, s.hidden}, from_state = {1, 1, s.hidden, 4, s.hidden};
    const auto plain = [](const memory::dims& dims, Type t, Tag tag) { return memory::desc(dims, t, tag); };
    const memory::desc x = plain(sequence_in, type, Tag::tnc), y = plain(sequence, type, Tag::tnc);
    const memory::desc h = plain(state, type, Tag::ldnc), c = plain(state, Type::f32, Tag::ldnc);
    const memory::desc w = plain(from_input, type, Tag::any), u = plain(from_state, type, Tag::any);
    const memory::desc b = plain(bias, Type::f32, Tag::ldgo);
    const memory::desc dx = plain(sequence_in, Type::f32, Tag::tnc), dy = plain(sequence, Type::f32, Tag::tnc);
    const memory::desc dh = plain(state, Type::f32, Tag::ldnc);
    const memory::desc dw = plain(from_input, Type::f32, Tag::any), du = plain(from_state, Type::f32, Tag::any);
    const auto direction = rnn_direction::unidirectional_left2right;
#if DNNL_VERSION_MAJOR >= 3
    const lstm_forward::primitive_desc forward(cpu, prop_kind::forward_training, direction, x, h, c, w, u, b, y, h, c);
    const lstm_backward::primitive_desc backward(cpu, prop_kind::backward, direction, x, h, c, w, u, b, y, h, c, dx, dh,
                                                 dh, dw, du, b, dy, dh, dh, forward);
#else
    const lstm_forward::primitive_desc forward(
        lstm_forward::desc(prop_kind::forward_training, direction, x, h, c, w, u, b, y, h, c), cpu);
    const lstm_backward::primitive_desc backward(lstm_backward::desc(prop_kind::backward, direction, x, h, c, w, u, b,
                                                                     y, h, c, dx, dh, dh, dw, du, b, dy, dh, dh),
                                                 cpu, forward);
#endif
    forward_ = lstm_forward(forward);
    backward_ = lstm_backward(backward);
    add(DNNL_ARG_SRC_LAYER, x);
    add(DNNL_ARG_SRC_ITER, h);
    add(DNNL_ARG_SRC_ITER_C, c);
    add(DNNL_ARG_WEIGHTS_LAYER, forward.weights_layer_desc());
    add(DNNL_ARG_WEIGHTS_ITER, forward.weights_iter_desc());
    add(DNNL_ARG_BIAS, b);
    add(DNNL_ARG_DST_LAYER, y);
    add(DNNL_ARG_DST_ITER, h);
    add(DNNL_ARG_DST_ITER_C, c);
    add(DNNL_ARG_WORKSPACE, forward.workspace_desc());
    forward_arguments_ = arguments_;
    // Backward wants the same matrices in its own layout; a training step rearranges them every time.
    replace(DNNL_ARG_WEIGHTS_LAYER, backward.weights_layer_desc());
    replace(DNNL_ARG_WEIGHTS_ITER, backward.weights_iter_desc());
    add(DNNL_ARG_DIFF_SRC_LAYER, dx);
    add(DNNL_ARG_DIFF_SRC_ITER, dh);
    add(DNNL_ARG_DIFF_SRC_ITER_C, dh);
    add(DNNL_ARG_DIFF_WEIGHTS_LAYER, backward.diff_weights_layer_desc());
    add(DNNL_ARG_DIFF_WEIGHTS_ITER, backward.diff_weights_iter_desc());
    add(DNNL_ARG_DIFF_BIAS, b);
    add(DNNL_ARG_DIFF_DST_LAYER, dy);
    add(DNNL_ARG_DIFF_DST_ITER, dh);
    add(DNNL_ARG_DIFF_DST_ITER_C, dh);
  }

  void run_forward(stream& in_order) { forward_.execute(in_order, forward_arguments_); }

  void run_backward(stream& in_order) {
    for (const int matrix : {DNNL_ARG_WEIGHTS_LAYER, DNNL_ARG_WEIGHTS_ITER}) {
      reorder(forward_arguments_.at(matrix), arguments_.at(matrix))
          .execute(in_order, forward_arguments_.at(matrix), arguments_.at(matrix));
    }
    backward_.execute(in_order, arguments_);
  }

 private:
  void add(int argument, const memory::desc& description) {
    memory values(description, cpu_);
    std::fill_n(static_cast<char*>(values.get_data_handle()), description.get_size(), char{0});
    arguments_.emplace(argument, values);
  }
  void replace(int argument, const memory::desc& description) {
    arguments_.erase(argument);
    add(argument, description);
  }

  engine cpu_;
  lstm_forward forward_;
  lstm_backward backward_;
  std::unordered_map<int, memory> arguments_, forward_arguments_;
};

double seconds_per_step(std::vector<Layer>& layers, stream& in_order) {
  const auto start = std::chrono::steady_clock::now();
  double elapsed = 0;
  int steps = 0;
  for (; elapsed < 0.5; ++steps) {
    for (Layer& layer : layers) layer.run_forward(in_order);
    for (auto layer = layers.rbegin(); layer != layers.rend(); ++layer) layer->run_backward(in_order);
    in_order.wait();
    elapsed = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  }
  return elapsed / steps;
}

}  // namespace

int main(int count, char** words) {
  if (count != 8) {
    std::fprintf(stderr, "usage: onednn_lstm HIDDEN LAYERS SYMBOLS BATCH UNROLL f32|bf16 ROUNDS\n");
    return 2;
  }
  const auto number = [&](int i) { return std::atol(words[i]); };
  const long hidden = number(1), count_of_layers = number(2), symbols = number(3), batch = number(4),
             unroll = number(5);
  const std::string precision = words[6];
  const engine cpu(engine::kind::cpu, 0);
  stream in_order(cpu);
  std::vector<Layer> layers;
  double operations = 0;
  for (long i = 0; i < count_of_layers; ++i) {
    const long input = i == 0 ? symbols : hidden;
    layers.emplace_back(cpu, Sizes{input, hidden, batch, unroll}, precision == "bf16" ? Type::bf16 : Type::f32);
    operations += 3.0 * 2 * batch * unroll * 4 * hidden * (input + hidden);
  }
  seconds_per_step(layers, in_order);
  std::vector<double> seconds;
  for (long round = 0; round < number(7); ++round) seconds.push_back(seconds_per_step(layers, in_order));
  std::sort(seconds.begin(), seconds.end());
  const double median = seconds[seconds.size() / 2];
  const dnnl_version_t* version = dnnl_version();
  std::printf(
      "{\"peer\": \"oneDNN\", \"version\": \"%d.%d.%d\", \"hidden\": %ld, \"layers\": %ld, \"symbols\": %ld, "
      "\"batch\": %ld, \"unroll\": %ld, \"precision\": \"%s\", \"seconds_per_step\": %.9g, \"gflop\": %.9g, "
      "\"gflops\": %.9g}\n",
      version->major, version->minor, version->patch, hidden, count_of_layers, symbols, batch, unroll,
      precision.c_str(), median, operations / 1e9, operations / median / 1e9);
}
