#include "tensor/kernels/packed_matrix.h"

#include <algorithm>
#include <utility>

#include "base/tiles.h"
#include "tensor/kernels/bfloat16_naive.h"
#include "tensor/kernels/choice.h"
#include "tensor/kernels/onednn.h"
#include "tensor/kernels/row_pairs.h"
#include "tensor/kernels/rows.h"

namespace unfold::kernels {
namespace {

using Implementation = PackedMatrix::Implementation;

bool is_in_panels(const Implementation& b) {
  using Tag = dnnl::memory::format_tag;
  const Tag panels = b.precision == Precision::kBfloat16 ? Tag::BA16a64b2a : Tag::BA16a64b;
  return b.packed.get_desc() == Description({b.k, b.n}, type_of(b.precision), panels);
}

void make_room(Implementation& b) {
  const Description layout = packed_layout(b.k, b.n, type_of(b.precision));
  const auto floats = static_cast<Index>((layout.get_size() + sizeof(float) - 1) / sizeof(float));
  b.block_bytes = layout.get_size() / static_cast<std::size_t>(ceil_divide(b.n, kColumnBlock));
  b.storage = Tensor::uninitialised({floats});
  b.packed = dnnl::memory(layout, engine(), b.storage.data());
  b.is_in_panels = is_in_panels(b);
}

/// Panel after panel, each in the nearest caches.
void pack_panels(Implementation& b, const PackedMatrix::AddColumns& add_columns) {
  for_tiles(b.n, kColumnBlock, [&](Index first, Index last) {
    std::byte* panel = static_cast<std::byte*>(b.packed.get_data_handle()) +
                       static_cast<std::size_t>(first / kColumnBlock) * b.block_bytes;
    if (b.precision == Precision::kFloat32) {
      auto* rows = reinterpret_cast<float*>(panel);
      std::fill_n(rows, b.block_bytes / sizeof(float), 0.0f);
      add_columns({first, last}, rows, kColumnBlock);
    } else {
      Tensor rows({b.k, kColumnBlock});
      add_columns({first, last}, rows.data(), kColumnBlock);
      const auto pairs = static_cast<Index>(b.block_bytes / (kColumnBlock * sizeof(Pair)));
      round_to_panels(rows.data(), kColumnBlock, b.k, kColumnBlock,
                      {.width = kColumnBlock, .pairs = pairs, .first = reinterpret_cast<Pair*>(panel)});
    }
  });
}

void pack_by_onednn(Implementation& b, const PackedMatrix::AddColumns& add_columns) {
  Tensor whole({b.k, b.n});
  add_columns({0, b.n}, whole.data(), b.n);
  const OnThisThread guard;
  dnnl::memory source(row_major(b.k, b.n, b.n), engine(), whole.data());
  dnnl::reorder(source, b.packed).execute(stream(), source, b.packed);
}

void pack_naive(Implementation& b, const PackedMatrix::AddColumns& add_columns) {
  b.plain = Tensor({b.k, b.n});
  add_columns({0, b.n}, b.plain.data(), b.n);
  if (b.precision == Precision::kFloat32) return;
  for (float& value : b.plain.values()) value = naive::widen(naive::round_to_bfloat16(value));
}

}  // namespace

PackedMatrix::PackedMatrix() = default;
PackedMatrix::~PackedMatrix() = default;
PackedMatrix::PackedMatrix(PackedMatrix&&) noexcept = default;
PackedMatrix& PackedMatrix::operator=(PackedMatrix&&) noexcept = default;

Index PackedMatrix::k() const { return implementation_ ? implementation_->k : 0; }
Index PackedMatrix::n() const { return implementation_ ? implementation_->n : 0; }
bool PackedMatrix::empty() const { return implementation_ == nullptr; }

void PackedMatrix::pack(Index k, Index n, Precision precision, const AddColumns& add_columns) {
  if (empty() || k != this->k() || n != this->n() || precision != implementation_->precision) {
    implementation_ = std::make_unique<Implementation>();
    implementation_->k = k;
    implementation_->n = n;
    implementation_->precision = precision;
  }
  if (k == 0 || n == 0) return;
  if (naive_kernels()) return pack_naive(*implementation_, add_columns);
  try {
    if (!implementation_->packed) make_room(*implementation_);
    const auto pack_as_it_lies = implementation_->is_in_panels ? pack_panels : pack_by_onednn;
    pack_as_it_lies(*implementation_, add_columns);
  } catch (const dnnl::error& error) {
    fail(0, n, k, error.what());
  }
}

void PackedMatrix::pack(const float* b, Index k, Index n, Index stride, bool transposed, Precision precision) {
  pack(k, n, precision, [=](Columns columns, float* to, Index to_stride) {
    const Index count = columns.last - columns.first;
    if (transposed) {
      add_transposed(b + columns.first * stride, stride, count, k, to, to_stride);
    } else {
      copy_rows(b + columns.first, stride, to, to_stride, k, count);
    }
  });
}

}  // namespace unfold::kernels
