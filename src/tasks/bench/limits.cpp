#include "tasks/bench/limits.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <memory>

#include "base/threads.h"
#include "tensor/kernels/choice.h"
#include "tensor/kernels/gemm.h"
#include "tensor/kernels/map.h"
#include "tensor/kernels/onednn_product.h"
#include "unfold/error.h"

namespace unfold {
namespace {

using Product = PlanCost::Product;

/// Enough to be at full speed, and some 30 ms.
constexpr double kLargestProduct = 1ULL << 32;

double operations(const Product& shape) {
  return 2.0 * static_cast<double>(shape.m) * static_cast<double>(shape.n) * static_cast<double>(shape.k);
}

std::string name(const Product& shape) { return fmt::format("[{}, {}] [{}, {}]", shape.m, shape.k, shape.k, shape.n); }

/// Halves the longest side until the product is small enough.
Product cut(Product shape) {
  while (operations(shape) > kLargestProduct) {
    Index& longest = shape.m >= std::max(shape.n, shape.k) ? shape.m : shape.n >= shape.k ? shape.n : shape.k;
    longest /= 2;
  }
  return shape;
}

/// One thread's operands. Small numbers, so that no sum overflows or becomes denormal.
struct Operands {
  Operands(const Product& shape, Precision precision) : a(Shape{shape.m, shape.k}), c(Shape{shape.m, shape.n}) {
    a.fill(0.5F);
    if (precision == Precision::kBfloat16) rounded_a = kernels::rounded(a.data(), shape.k, shape.m, shape.k);
    Tensor values(Shape{shape.k, shape.n});
    values.fill(0.25F);
    b.pack(values.data(), shape.k, shape.n, shape.n, false, precision);
  }

  void multiply(const Product& shape, Multiplier by) {
    if (by == Multiplier::kOneDnn && !kernels::naive_kernels()) {
      const void* rows = rounded_a.count() > 0 ? static_cast<const void*>(rounded_a.data()) : a.data();
      kernels::multiply_by_onednn(rows, shape.k, shape.m, b, {0, shape.n}, c.data(), shape.n, false);
    } else if (rounded_a.count() > 0) {
      kernels::multiply(rounded_a.data(), shape.k, shape.m, b, c.data(), shape.n, false);
    } else {
      kernels::multiply(a.data(), shape.k, shape.m, b, c.data(), shape.n, false);
    }
  }

  Tensor a, c;
  BasicTensor<kernels::Bfloat16> rounded_a;
  kernels::PackedMatrix b;
};

Tensor ones(Index count) {
  Tensor values(Shape{std::max<Index>(count, 1)});
  values.fill(1.0F);
  return values;
}

/// Floats of one thread's share.
Index share(double bytes) { return std::llround(bytes / sizeof(float) / thread_count()); }

}  // namespace

Load product_load(const Product& shape, Precision precision, Multiplier by) {
  if (shape.m < 1 || shape.n < 1 || shape.k < 1) {
    throw ContractError(fmt::format("a product to measure has extents above 0, found {}", name(shape)));
  }
  const int threads = thread_count();
  auto operands = std::make_shared<std::vector<Operands>>();
  for (int thread = 0; thread < threads; ++thread) operands->emplace_back(shape, precision);
  const auto repeat = [shape, by, operands](Index count) {
    parallel(static_cast<Index>(operands->size()), [&](Index thread) {
      Operands& own = (*operands)[static_cast<std::size_t>(thread)];
      for (Index i = 0; i < count; ++i) own.multiply(shape, by);
    });
  };
  return {.name = name(shape) + (precision == Precision::kBfloat16 ? " in bf16" : "") +
                  (by == Multiplier::kOneDnn ? " by oneDNN" : ""),
          .work = operations(shape) * threads,
          .repeat = repeat};
}

std::vector<Load> peak_loads(const std::vector<Product>& shapes, Precision precision) {
  std::vector<Load> loads;
  for (const Index side : {256, 512, 1024}) {
    loads.push_back(product_load({side, side, side}, precision, Multiplier::kOneDnn));
  }
  for (const Product& shape : shapes) loads.push_back(product_load(cut(shape), precision));
  return loads;
}

Load read_load(double bytes) {
  const int threads = thread_count();
  auto parts = std::make_shared<std::vector<Tensor>>();
  for (int thread = 0; thread < threads; ++thread) parts->push_back(ones(share(bytes)));
  auto sums = std::make_shared<std::vector<float>>(parts->size());
  const auto repeat = [parts, sums](Index count) {
    parallel(static_cast<Index>(parts->size()), [&](Index thread) {
      const Tensor& part = (*parts)[static_cast<std::size_t>(thread)];
      for (Index i = 0; i < count; ++i) {
        (*sums)[static_cast<std::size_t>(thread)] = kernels::sum_in_streams(part.data(), part.count());
      }
    });
  };
  return {.name = fmt::format("read {:.3g} MB", bytes / 1e6), .work = bytes, .repeat = repeat};
}

Load add_load(double bytes) {
  struct Arrays {
    Tensor a, b, c;
  };
  const int threads = thread_count();
  auto parts = std::make_shared<std::vector<Arrays>>();
  for (int thread = 0; thread < threads; ++thread) {
    const Index count = share(bytes / 3);
    parts->push_back({ones(count), ones(count), ones(count)});
  }
  const auto repeat = [parts](Index count) {
    const kernels::MapKernel add = kernels::map_kernel(kernels::Function::kAdd);
    parallel(static_cast<Index>(parts->size()), [&](Index thread) {
      Arrays& part = (*parts)[static_cast<std::size_t>(thread)];
      for (Index i = 0; i < count; ++i) {
        add(part.a.data(), part.b.data(), part.c.data(), nullptr, part.a.count());
      }
    });
  };
  return {.name = fmt::format("a = b + c, {:.3g} MB", bytes / 1e6), .work = bytes, .repeat = repeat};
}

}  // namespace unfold
