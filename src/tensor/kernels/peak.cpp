#include "tensor/kernels/peak.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <vector>

#include "base/threads.h"
#include "tensor/kernels/gemm.h"
#include "unfold/error.h"

namespace unfold::kernels {

namespace {

class ThreadCount {
 public:
  explicit ThreadCount(int count) : before_(thread_count()) { set_thread_count(count); }
  ~ThreadCount() { set_thread_count(before_); }
  ThreadCount(const ThreadCount&) = delete;
  ThreadCount& operator=(const ThreadCount&) = delete;

 private:
  int before_;
};

/// One thread's operands. Small numbers, so that no sum overflows or becomes denormal.
struct Operands {
  explicit Operands(const ProductShape& shape) : a(Shape{shape.m, shape.k}), c(Shape{shape.m, shape.n}) {
    a.fill(0.5f);
    Tensor values(Shape{shape.k, shape.n});
    values.fill(0.25f);
    b.pack(values.data(), shape.k, shape.n, shape.n, false);
  }
  Tensor a, c;
  PackedMatrix b;
};

/// Seconds for `count` products on every thread.
double time_products(const ProductShape& shape, std::vector<Operands>& operands, Index count) {
  const auto start = std::chrono::steady_clock::now();
  parallel(static_cast<Index>(operands.size()), [&](Index thread) {
    Operands& own = operands[static_cast<std::size_t>(thread)];
    for (Index i = 0; i < count; ++i) {
      multiply(own.a.data(), shape.k, shape.m, own.b, own.c.data(), shape.n, false);
    }
  });
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

}  // namespace

double measure_products(int threads, ProductShape shape, int repeats) {
  if (threads < 1 || repeats < 1 || shape.m < 1 || shape.n < 1 || shape.k < 1) {
    throw ContractError(
        fmt::format("measure_products expects counts and extents of at least 1, found {} threads, {} "
                    "repeats, m {}, n {}, k {}",
                    threads, repeats, shape.m, shape.n, shape.k));
  }
  const ThreadCount guard(threads);
  std::vector<Operands> operands;
  for (int thread = 0; thread < threads; ++thread) operands.emplace_back(shape);

  constexpr double kSecondsPerRepeat = 0.1;
  time_products(shape, operands, 1);
  const double once = std::max(time_products(shape, operands, 1), 1e-6);
  const auto count = std::max<Index>(1, std::llround(kSecondsPerRepeat / once));
  std::vector<double> seconds;
  for (int repeat = 0; repeat < repeats; ++repeat) seconds.push_back(time_products(shape, operands, count));
  const auto middle = seconds.begin() + repeats / 2;
  std::nth_element(seconds.begin(), middle, seconds.end());

  const double operations = 2.0 * static_cast<double>(shape.m) * static_cast<double>(shape.n) *
                            static_cast<double>(shape.k) * static_cast<double>(count) * threads;
  return operations / *middle / 1e9;
}

double measure_product_peak(int threads, int repeats) {
  constexpr ProductShape kShapes[] = {{256, 256, 256}, {512, 512, 512}, {1024, 1024, 1024}, {64, 2048, 512}};
  double best = 0;
  for (const ProductShape& shape : kShapes) best = std::max(best, measure_products(threads, shape, repeats));
  return best;
}

}  // namespace unfold::kernels
