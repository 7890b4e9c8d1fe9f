#include "bench_gemm.h"

#include <fmt/core.h>

#include <algorithm>
#include <iterator>
#include <memory>

#include "bench_report.h"
#include "tasks/bench/limits.h"
#include "verb.h"

namespace unfold::cli {
namespace {

using Json = nlohmann::ordered_json;
using Product = PlanCost::Product;

constexpr Product kTick = {.m = 64, .n = 2048, .k = 512};
constexpr Index kHidden[] = {128, 512, 1024};                   // of the rows by matrix
constexpr double kMegabytes[] = {0.03, 0.5, 4.0, 16.0, 256.0};  // from the first-level cache to memory

struct Options {
  Product shape = kTick;
  BenchOptions measuring;
};

/// Billions of operations or bytes per second, and the limit of the same unit that was measured in the same rounds.
struct Line {
  std::string what;
  double rate = 0;
  double limit = 0;
};

/// All loads in the order of the report, and the rates that they were measured to have.
struct Measured {
  std::vector<Load> loads;
  std::vector<double> rates;
  std::size_t next = 0;

  Line take() {
    const std::size_t i = next++;
    return {.what = loads[i].name, .rate = rates[i] / 1e9};
  }
};

std::vector<Load> product_loads(const Options& options, Precision precision) {
  std::vector<Product> shapes = {kTick};
  if (options.shape.m != kTick.m || options.shape.n != kTick.n || options.shape.k != kTick.k) {
    shapes.push_back(options.shape);
  }
  return peak_loads(shapes, precision);
}

Product row_by_matrix(Index hidden) { return {.m = 1, .n = 4 * hidden, .k = hidden}; }

/// Every thread multiplies a matrix of its own.
double matrix_bytes(Index hidden, Index threads) {
  return static_cast<double>(4 * hidden * hidden * threads) * sizeof(float);
}

Measured measure(const Options& options) {
  Measured all{.loads = product_loads(options, Precision::kFloat32), .rates = {}};
  if (multiplies_bfloat16())
    std::ranges::move(product_loads(options, Precision::kBfloat16), std::back_inserter(all.loads));
  for (const Index hidden : kHidden) {
    all.loads.push_back(product_load(row_by_matrix(hidden)));
    all.loads.push_back(read_load(matrix_bytes(hidden, options.measuring.threads)));
  }
  for (const double megabytes : kMegabytes) {
    all.loads.push_back(read_load(megabytes * 1e6));
    all.loads.push_back(add_load(megabytes * 1e6));
  }
  all.rates = measure_rates(all.loads, static_cast<int>(options.measuring.rounds));
  return all;
}

std::vector<Line> take_products(Measured& all, std::size_t count) {
  std::vector<Line> lines;
  std::generate_n(std::back_inserter(lines), count, [&] { return all.take(); });
  const double best = std::ranges::max_element(lines, {}, &Line::rate)->rate;
  for (Line& line : lines) line.limit = best;
  return lines;
}

/// Bytes of the matrix per second, beside reading as many.
std::vector<Line> take_rows(Measured& all) {
  std::vector<Line> lines;
  for ([[maybe_unused]] const Index hidden : kHidden) {
    Line line = all.take();
    line.rate *= sizeof(float) / 2.0;  // an entry is multiplied and added
    line.limit = all.take().rate;
    lines.push_back(line);
  }
  return lines;
}

Json to_json(const std::vector<Line>& lines, const std::string& unit) {
  Json list = Json::array();
  for (const Line& line : lines) {
    list.push_back({{"what", line.what}, {unit, line.rate}});
    if (line.limit > 0) list.back().update({{"limit", line.limit}, {"fraction", line.rate / line.limit}});
  }
  return list;
}

void print(const std::string& title, const std::string& limit, const std::vector<Line>& lines) {
  fmt::print("{:<46}{:>10}{}\n", title, "measured",
             limit.empty() ? "" : fmt::format("{:>10}{:>10}", limit, "fraction"));
  for (const Line& line : lines) {
    fmt::print("  {:<44}{:>10.1f}", line.what, line.rate);
    if (line.limit > 0) fmt::print("{:>10.1f}{:>10.3f}", line.limit, line.rate / line.limit);
    fmt::print("\n");
  }
}

int bench_gemm(const Options& options) {
  options.measuring.apply();
  Measured all = measure(options);
  const std::size_t shapes = product_loads(options, Precision::kFloat32).size();
  const std::vector<Line> products = take_products(all, shapes);
  const std::vector<Line> rounded = multiplies_bfloat16() ? take_products(all, shapes) : std::vector<Line>{};
  const std::vector<Line> rows = take_rows(all);
  std::vector<Line> memory;
  while (all.next < all.loads.size()) memory.push_back(all.take());
  if (options.measuring.json) {
    print_report({{"threads", options.measuring.threads},
                  {"peak_gflops", products.front().limit},
                  {"products", to_json(products, "gflops")},
                  {"bf16_peak_gflops", rounded.empty() ? Json() : Json(rounded.front().limit)},
                  {"bf16_products", to_json(rounded, "gflops")},
                  {"rows_by_matrix", to_json(rows, "gigabytes_per_second")},
                  {"memory", to_json(memory, "gigabytes_per_second")}},
                 true);
    return kDone;
  }
  print("Products, GFLOP/s", "best", products);
  fmt::print("\n");
  if (!rounded.empty()) {
    print("Products in bf16, GFLOP/s", "best", rounded);
    fmt::print("\n");
  }
  print("A row by a matrix, GB/s", "reading", rows);
  fmt::print("\n");
  print("Memory, GB/s", "", memory);
  return kDone;
}

}  // namespace

void prepare_bench_gemm(Command& command) {
  auto options = std::make_shared<Options>();
  command.option("rows", options->shape.m, "M of a product [M, K] [K, N] to measure beside the usual ones");
  command.option("columns", options->shape.n, "N");
  command.option("depth", options->shape.k, "K");
  options->measuring.declare(command);
  command.example("  unfold bench gemm\n  unfold bench gemm --rows 64 --columns 4096 --depth 1024");
  command.action([options] { return bench_gemm(*options); });
}

}  // namespace unfold::cli
