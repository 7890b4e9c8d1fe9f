// The machine's own limit: how fast it multiplies matrices. What every throughput of `unfold bench` is set beside.
#pragma once

#include "unfold/tensor.h"

namespace unfold::kernels {

/// A product [M, K] [K, N] with the right-hand side packed.
struct ProductShape {
  Index m = 0;
  Index n = 0;
  Index k = 0;
};

/// GFLOP/s (2 M N K floating-point operations per product) of `threads` threads that each multiply matrices of `shape`
/// of their own: the median of `repeats` runs of about a tenth of a second, after one that warms up. Changes the thread
/// count of `parallel` while it runs. Throws ContractError for an empty shape or a count below 1.
double measure_products(int threads, ProductShape shape, int repeats = 5);

/// The best of `measure_products` over large shapes that every kernel library does well on.
double measure_product_peak(int threads, int repeats = 5);

}  // namespace unfold::kernels
