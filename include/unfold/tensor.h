// Shapes and owning, row-major, 64-byte aligned arrays of any rank.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace unfold {

using Index = std::int64_t;

/// The extents of an array, slowest first. A scalar has rank 0; an extent may be zero.
class Shape {
 public:
  Shape() = default;
  Shape(std::initializer_list<Index> extents) : extents_(extents) {}
  explicit Shape(std::vector<Index> extents) : extents_(std::move(extents)) {}

  Index rank() const { return static_cast<Index>(extents_.size()); }
  /// Extent of `axis`; negative axes count from the end. Throws ContractError out of range.
  Index operator[](Index axis) const;
  /// Number of elements: the product of all extents, 1 for a scalar.
  Index count() const;
  const std::vector<Index>& extents() const { return extents_; }
  bool operator==(const Shape&) const = default;
  /// "[3, 4]", "[]" for a scalar.
  std::string text() const;

 private:
  std::vector<Index> extents_;
};

/// An array that owns its memory, alone or with others that share it. Copying copies the elements.
template <class Real>
class BasicTensor {
 public:
  BasicTensor() = default;
  /// All elements zero.
  explicit BasicTensor(Shape shape);
  BasicTensor(Shape shape, std::span<const Real> values);
  BasicTensor(const BasicTensor& other);
  BasicTensor& operator=(const BasicTensor& other);
  /// Leaves `other` empty, of shape [0].
  BasicTensor(BasicTensor&& other) noexcept;
  BasicTensor& operator=(BasicTensor&& other) noexcept;
  ~BasicTensor() = default;

  /// As BasicTensor(shape) but the elements are not set; for buffers that are written before they are read.
  static BasicTensor uninitialised(Shape shape);

  /// The elements of `whole` from number `first` on, not copied: for reading, unless both owners want to see what
  /// either writes. The memory lives as long as any owner. Throws ContractError where `whole` has fewer elements.
  static BasicTensor shared_part(const BasicTensor& whole, Index first, Shape shape);
  /// Whether another tensor shares the memory.
  bool is_shared() const;

  const Shape& shape() const { return shape_; }
  Index count() const { return count_; }
  Real* data() { return data_.get(); }
  const Real* data() const { return data_.get(); }
  std::span<Real> values() { return {data(), static_cast<std::size_t>(count_)}; }
  std::span<const Real> values() const { return {data(), static_cast<std::size_t>(count_)}; }
  Real& operator[](Index i) { return data_.get()[i]; }
  const Real& operator[](Index i) const { return data_.get()[i]; }
  void fill(Real value);

 private:
  struct Free {
    void* block = nullptr;  // what take_storage gave
    void operator()(Real*) const;
  };
  using Memory = std::unique_ptr<Real[], Free>;
  static Memory allocate(Index count);

  Shape shape_{0};
  Index count_ = 0;
  Memory data_;
};

using Tensor = BasicTensor<float>;

extern template class BasicTensor<float>;
extern template class BasicTensor<double>;
extern template class BasicTensor<std::uint16_t>;

}  // namespace unfold
