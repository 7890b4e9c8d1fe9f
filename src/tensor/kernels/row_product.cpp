// Rows times a matrix, compiled for every instruction set and chosen at run time.
//
// A block of up to four rows goes over a panel of the matrix with one sum per row and column in registers, so weights
// are read once for four rows, in the order in which they lie.
#include "tensor/kernels/row_product.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <functional>
#include <type_traits>
#include <vector>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "tensor/kernels/row_product.cpp"
#include <hwy/foreach_target.h>
// After foreach_target.h:
#include <hwy/highway.h>

#include "base/threads.h"
#include "base/tiles.h"
#include "tensor/kernels/choice.h"

HWY_BEFORE_NAMESPACE();
namespace unfold::kernels::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

namespace {

#if HWY_TARGET == HWY_SCALAR  // its vectors hold no pairs

using naive::multiply_rows;
using naive::quantise_row;

#else

using Floats = hn::CappedTag<float, 16>;  // no wider than the 16 columns that lie together
using Words = hn::RebindToUnsigned<Floats>;
using Integers = hn::RebindToSigned<Floats>;
using Pairs = hn::Repartition<std::int16_t, Integers>;
using Bytes = hn::Rebind<std::int8_t, Pairs>;

constexpr Index kLanes = static_cast<Index>(hn::MaxLanes(Floats()));
/// Sums that registers hold beside what is multiplied: AVX-512 has 32 of them, others 16.
constexpr int kSums = HWY_TARGET <= HWY_AVX3 ? 16 : 8;
constexpr Index kRowBlock = 4;

/// What a block of rows reads, and where its sums go: to[row * stride + column], or are added.
struct Block {
  const float* x;             // floats of row 0, or
  const std::int16_t* whole;  // its whole numbers
  Index x_stride;
  Index k;
  const std::byte* weights;  // of the panel
  Index step;                // bytes from one row of the panel to the next
  Index vector;              // where the block begins, in vectors of weights
  float* to;
  Index stride;
  bool accumulate;
};

HWY_INLINE void put(const Block& block, int row, Index column, hn::Vec<Floats> sum) {
  float* to = block.to + row * block.stride + column;
  hn::StoreU(block.accumulate ? hn::Add(hn::LoadU(Floats(), to), sum) : sum, Floats(), to);
}

// Each format's kernel does kVectors vectors of weights, kColumns columns each, for kRows rows.

struct F32 {
  static constexpr Index kColumns = kLanes;
  static constexpr Index kBytes = 4 * kLanes;
  static constexpr int kSumsPerVector = 1;

  template <int kRows, int kVectors>
  static HWY_INLINE void run(const Block& block) {
    const Floats d;
    hn::Vec<Floats> sums[kRows][kVectors];
    for (auto& row : sums) {
      for (auto& sum : row) sum = hn::Zero(d);
    }
    const std::byte* weights = block.weights + block.vector * kBytes;
    for (Index p = 0; p < block.k; ++p, weights += block.step) {
      const float* w = reinterpret_cast<const float*>(weights);
      hn::Vec<Floats> x[kRows];
      for (int r = 0; r < kRows; ++r) x[r] = hn::Set(d, block.x[r * block.x_stride + p]);
      for (int v = 0; v < kVectors; ++v) {
        const auto vector = hn::LoadU(d, w + v * kLanes);
        for (int r = 0; r < kRows; ++r) sums[r][v] = hn::MulAdd(x[r], vector, sums[r][v]);
      }
    }
    for (int r = 0; r < kRows; ++r) {
      for (int v = 0; v < kVectors; ++v) put(block, r, (block.vector + v) * kLanes, sums[r][v]);
    }
  }
};

/// A word holds a column below and the one 16 further above: a shift and a mask make floats of them.
struct Bf16 {
  static constexpr Index kColumns = 2 * kLanes;
  static constexpr Index kBytes = 4 * kLanes;
  static constexpr int kSumsPerVector = 2;
  static constexpr Index kVectorsOfGroup = 16 / kLanes;

  /// Column of the lower halves of vector v: vectors fill a group of 32 columns one after another.
  static constexpr Index column(Index v) { return v / kVectorsOfGroup * 32 + v % kVectorsOfGroup * kLanes; }

  template <int kRows, int kVectors>
  static HWY_INLINE void run(const Block& block) {
    const Floats d;
    const Words dw;
    hn::Vec<Floats> low[kRows][kVectors], high[kRows][kVectors];
    for (int r = 0; r < kRows; ++r) {
      for (int v = 0; v < kVectors; ++v) low[r][v] = high[r][v] = hn::Zero(d);
    }
    const auto upper_half = hn::Set(dw, 0xffff0000U);
    const std::byte* weights = block.weights + block.vector * kBytes;
    for (Index p = 0; p < block.k; ++p, weights += block.step) {
      const std::uint32_t* w = reinterpret_cast<const std::uint32_t*>(weights);
      hn::Vec<Floats> x[kRows];
      for (int r = 0; r < kRows; ++r) x[r] = hn::Set(d, block.x[r * block.x_stride + p]);
      for (int v = 0; v < kVectors; ++v) {
        const auto words = hn::LoadU(dw, w + v * kLanes);
        const auto first = hn::BitCast(d, hn::ShiftLeft<16>(words));
        const auto second = hn::BitCast(d, hn::And(words, upper_half));
        for (int r = 0; r < kRows; ++r) {
          low[r][v] = hn::MulAdd(x[r], first, low[r][v]);
          high[r][v] = hn::MulAdd(x[r], second, high[r][v]);
        }
      }
    }
    for (int r = 0; r < kRows; ++r) {
      for (int v = 0; v < kVectors; ++v) {
        put(block, r, column(block.vector + v), low[r][v]);
        put(block, r, column(block.vector + v) + 16, high[r][v]);
      }
    }
  }
};

/// Pairs of rows at once: int8 weights become int16, pairs are multiplied and added in int32.
struct Int8 {
  static constexpr Index kColumns = kLanes;
  static constexpr Index kBytes = 2 * kLanes;
  static constexpr int kSumsPerVector = 1;

  template <int kRows, int kVectors>
  static HWY_INLINE void run(const Block& block) {
    const Integers d;
    const Pairs dp;
    const Bytes db;
    hn::Vec<Integers> sums[kRows][kVectors], others[kRows][kVectors];
    for (int r = 0; r < kRows; ++r) {
      for (int v = 0; v < kVectors; ++v) sums[r][v] = others[r][v] = hn::Zero(d);
    }
    const std::byte* weights = block.weights + block.vector * kBytes;
    for (Index p = 0; p < block.k; p += 2, weights += 2 * block.step) {
      const std::int8_t* w = reinterpret_cast<const std::int8_t*>(weights);
      hn::Vec<Pairs> x[kRows];
      for (int r = 0; r < kRows; ++r) {
        std::int32_t pair;
        std::memcpy(&pair, block.whole + r * block.x_stride + p, sizeof pair);
        x[r] = hn::BitCast(dp, hn::Set(d, pair));
      }
      for (int v = 0; v < kVectors; ++v) {
        const auto vector = hn::PromoteTo(dp, hn::LoadU(db, w + v * 2 * kLanes));
        for (int r = 0; r < kRows; ++r) {
          sums[r][v] = hn::ReorderWidenMulAccumulate(d, x[r], vector, sums[r][v], others[r][v]);
        }
      }
    }
    for (int r = 0; r < kRows; ++r) {
      for (int v = 0; v < kVectors; ++v) {
        const auto whole = hn::RearrangeToOddPlusEven(sums[r][v], others[r][v]);
        put(block, r, (block.vector + v) * kLanes, hn::ConvertTo(Floats(), whole));
      }
    }
  }
};

/// All vectors of a panel, as many at once as registers hold sums for.
template <class Format, int kRows, int kVectors>
HWY_INLINE void run_panel(Block block, Index vectors) {
  for (; block.vector + kVectors <= vectors; block.vector += kVectors) Format::template run<kRows, kVectors>(block);
  if constexpr (kVectors > 1) {
    if (block.vector < vectors) run_panel<Format, kRows, kVectors / 2>(block, vectors);
  }
}

/// y (+)= sums * unit * scales, for one row.
void finish(const float* sums, Index count, const float* scales, float unit, float* y, bool accumulate) {
  const Floats d;
  const auto v_unit = hn::Set(d, unit);
  Index j = 0;
  for (; j + kLanes <= count; j += kLanes) {
    auto value = hn::LoadU(d, sums + j);
    if (scales != nullptr) value = hn::Mul(value, hn::Mul(v_unit, hn::LoadU(d, scales + j)));
    if (accumulate) value = hn::Add(hn::LoadU(d, y + j), value);
    hn::StoreU(value, d, y + j);
  }
  for (; j < count; ++j) {
    const float value = scales != nullptr ? sums[j] * (unit * scales[j]) : sums[j];
    y[j] = accumulate ? y[j] + value : value;
  }
}

template <class Format, int kRows>
void multiply_block(const float* x, Index x_stride, const std::int16_t* whole, Index whole_stride, const float* units,
                    const RowMatrix& b, Columns columns, float* y, Index y_stride, bool accumulate) {
  constexpr int kVectors = std::min(8, kSums / kRows) / Format::kSumsPerVector;
  HWY_ALIGN float sums[kRows * RowMatrix::kPanel];
  constexpr bool is_whole = std::is_same_v<Format, Int8>;
  for (Index first = columns.first; first < columns.last; first += RowMatrix::kPanel) {
    const Index number = first / RowMatrix::kPanel;
    const Index width = b.width(number);
    const Index step = width * Format::kBytes / Format::kColumns / (is_whole ? 2 : 1);
    const Index count = std::min(RowMatrix::kPanel, columns.last - first);
    const bool is_done = !is_whole && count == width;  // with sums, which may then go where they belong
    const Block block = {.x = x,
                         .whole = whole,
                         .x_stride = is_whole ? whole_stride : x_stride,
                         .k = b.k(),
                         .weights = b.panel(number),
                         .step = step,
                         .vector = 0,
                         .to = is_done ? y + first : sums,
                         .stride = is_done ? y_stride : RowMatrix::kPanel,
                         .accumulate = is_done && accumulate};
    run_panel<Format, kRows, kVectors>(block, width / Format::kColumns);
    for (Index r = 0; r < kRows && !is_done; ++r) {
      finish(sums + r * RowMatrix::kPanel, count, is_whole ? b.scales() + first : nullptr, units[r],
             y + r * y_stride + first, accumulate);
    }
  }
}

/// Of the calling thread.
std::int16_t* whole_numbers(Index count) {
  thread_local std::vector<std::int16_t> memory;
  if (static_cast<Index>(memory.size()) < count) memory.resize(static_cast<std::size_t>(count));
  return memory.data();
}

template <class Format>
void multiply_rows_of(const float* x, Index x_stride, Index rows, const RowMatrix& b, Columns columns, float* y,
                      Index y_stride, bool accumulate) {
  const Index whole_stride = b.k() + b.k() % 2;
  constexpr bool is_whole = std::is_same_v<Format, Int8>;
  std::int16_t* const whole = is_whole ? whole_numbers(kRowBlock * whole_stride) : nullptr;
  float units[kRowBlock] = {1, 1, 1, 1};
  while (rows > 0) {
    const Index block = rows >= kRowBlock ? kRowBlock : rows >= 2 ? 2 : 1;
    for (Index r = 0; is_whole && r < block; ++r) {
      std::int16_t* q = whole + r * whole_stride;
      units[r] = kernels::quantise_row(x + r * x_stride, b.k(), RowMatrix::activation_limit(b.k()), q);
      q[whole_stride - 1] = b.k() % 2 == 1 ? std::int16_t{0} : q[whole_stride - 1];
    }
    const auto run = block == kRowBlock ? multiply_block<Format, 4>
                     : block == 2       ? multiply_block<Format, 2>
                                        : multiply_block<Format, 1>;
    run(x, x_stride, whole, whole_stride, units, b, columns, y, y_stride, accumulate);
    x += block * x_stride;
    y += block * y_stride;
    rows -= block;
  }
}

void multiply_rows(const float* x, Index x_stride, Index rows, const RowMatrix& b, Columns columns, float* y,
                   Index y_stride, bool accumulate) {
  switch (b.format()) {
    case WeightFormat::kF32: return multiply_rows_of<F32>(x, x_stride, rows, b, columns, y, y_stride, accumulate);
    case WeightFormat::kBf16: return multiply_rows_of<Bf16>(x, x_stride, rows, b, columns, y, y_stride, accumulate);
    case WeightFormat::kInt8: return multiply_rows_of<Int8>(x, x_stride, rows, b, columns, y, y_stride, accumulate);
  }
}

float quantise_row(const float* x, Index count, int limit, std::int16_t* q) {
  const Floats d;
  const hn::Rebind<std::int16_t, Floats> narrow;
  auto v_largest = hn::Zero(d), v_finite = hn::Zero(d);  // the latter NaN where an element is NaN or infinite
  Index i = 0;
  for (; i + kLanes <= count; i += kLanes) {
    const auto v = hn::LoadU(d, x + i);
    v_largest = hn::Max(v_largest, hn::Abs(v));
    v_finite = hn::MulAdd(v, hn::Zero(d), v_finite);
  }
  float largest = hn::GetLane(hn::MaxOfLanes(d, v_largest));
  float finite = hn::GetLane(hn::SumOfLanes(d, v_finite));
  for (Index rest = i; rest < count; ++rest) {
    largest = std::max(largest, std::abs(x[rest]));
    finite += x[rest] * 0.0F;
  }
  if (finite != 0.0F || !(largest > 0)) {
    std::fill_n(q, count, std::int16_t{0});
    return finite;
  }
  const float per_unit = static_cast<float>(limit) / largest;
  for (i = 0; i + kLanes <= count; i += kLanes) {
    const auto whole = hn::NearestInt(hn::Mul(hn::LoadU(d, x + i), hn::Set(d, per_unit)));
    hn::StoreU(hn::DemoteTo(narrow, whole), narrow, q + i);
  }
  for (; i < count; ++i) q[i] = static_cast<std::int16_t>(std::nearbyint(x[i] * per_unit));
  return largest / static_cast<float>(limit);
}

#endif

}  // namespace
}  // namespace unfold::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace unfold::kernels {

HWY_EXPORT(multiply_rows);
HWY_EXPORT(quantise_row);

namespace {

/// Work of a product, bytes times rows, from which on a second thread saves more than it takes to ask it.
constexpr Index kSharedBytes = Index{1} << 18;

/// Parts into which a product's panels are divided.
Index parts_of(Index rows, const RowMatrix& b) {
  if (b.bytes() * rows < kSharedBytes) return 1;
  return std::min(Index{threads_here()}, ceil_divide(b.n(), RowMatrix::kPanel));
}

}  // namespace

void multiply_rows(const float* x, Index x_stride, Index rows, const RowMatrix& b, Columns columns, float* y,
                   Index y_stride, bool accumulate) {
  if (naive_kernels()) return naive::multiply_rows(x, x_stride, rows, b, columns, y, y_stride, accumulate);
  limit_instruction_set();
  HWY_DYNAMIC_DISPATCH(multiply_rows)(x, x_stride, rows, b, columns, y, y_stride, accumulate);
}

void multiply_rows(const float* x, Index x_stride, Index rows, const RowMatrix& b, float* y, Index y_stride,
                   bool accumulate) {
  const Index parts = parts_of(rows, b);
  if (parts == 1) return multiply_rows(x, x_stride, rows, b, {0, b.n()}, y, y_stride, accumulate);
  const Index panels = ceil_divide(b.n(), RowMatrix::kPanel);
  const auto bound = [&](Index part) { return std::min(b.n(), panels * part / parts * RowMatrix::kPanel); };
  const auto multiply = [&](Index part) {
    multiply_rows(x, x_stride, rows, b, {bound(part), bound(part + 1)}, y, y_stride, accumulate);
  };
  parallel(parts, std::ref(multiply));  // by reference, so that nothing is allocated
}

float quantise_row(const float* x, Index count, int limit, std::int16_t* q) {
  if (naive_kernels()) return naive::quantise_row(x, count, limit, q);
  limit_instruction_set();
  return HWY_DYNAMIC_DISPATCH(quantise_row)(x, count, limit, q);
}

}  // namespace unfold::kernels
#endif
