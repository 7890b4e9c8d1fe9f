// Shapes, and the memory of tensors.
#include "unfold/tensor.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <limits>
#include <utility>

#include "tensor/storage.h"
#include "unfold/error.h"

namespace unfold {

Index Shape::operator[](Index axis) const {
  const Index position = axis < 0 ? axis + rank() : axis;
  if (position < 0 || position >= rank()) {
    throw ContractError(fmt::format("axis {} is out of range for the shape {} of rank {}", axis, text(), rank()));
  }
  return extents_[static_cast<std::size_t>(position)];
}

Index Shape::count() const {
  Index product = 1;
  bool overflow = false;
  for (const Index extent : extents_) {
    if (extent < 0) throw ContractError(fmt::format("the shape {} has a negative extent", text()));
    // An extent of zero empties the array, however large the others are.
    if (extent == 0) return 0;
    // Bytes must be countable too, hence the factor 16 (the largest element and the rounding to cache lines).
    overflow = overflow || product > std::numeric_limits<Index>::max() / 16 / extent;
    if (!overflow) product *= extent;
  }
  if (overflow) throw ContractError(fmt::format("the shape {} has more elements than memory can be addressed", text()));
  return product;
}

std::string Shape::text() const { return fmt::format("[{}]", fmt::join(extents_, ", ")); }

template <class Real>
typename BasicTensor<Real>::Memory BasicTensor<Real>::allocate(Index count) {
  if (count == 0) return nullptr;
  void* block = take_storage(static_cast<std::size_t>(count) * sizeof(Real));
  return Memory(static_cast<Real*>(block), Free{block});
}

template <class Real>
BasicTensor<Real> BasicTensor<Real>::uninitialised(Shape shape) {
  BasicTensor tensor;
  tensor.count_ = shape.count();
  tensor.data_ = allocate(tensor.count_);
  tensor.shape_ = std::move(shape);
  return tensor;
}

template <class Real>
BasicTensor<Real> BasicTensor<Real>::shared_part(const BasicTensor& whole, Index first, Shape shape) {
  BasicTensor tensor;
  tensor.count_ = shape.count();
  tensor.shape_ = std::move(shape);
  if (first < 0 || first + tensor.count_ > whole.count_) {
    throw ContractError(fmt::format("a part of shape {} from element {} on does not lie in a tensor of {} elements",
                                    tensor.shape_.text(), first, whole.count_));
  }
  if (tensor.count_ == 0) return tensor;
  void* block = whole.data_.get_deleter().block;
  share_storage(block);
  tensor.data_ = Memory(whole.data_.get() + first, Free{block});
  return tensor;
}

template <class Real>
bool BasicTensor<Real>::is_shared() const {
  return data_ != nullptr && is_shared_storage(data_.get_deleter().block);
}

template <class Real>
BasicTensor<Real>::BasicTensor(Shape shape) : BasicTensor(uninitialised(std::move(shape))) {
  fill(Real(0));
}

template <class Real>
BasicTensor<Real>::BasicTensor(Shape shape, std::span<const Real> values)
    : BasicTensor(uninitialised(std::move(shape))) {
  if (static_cast<Index>(values.size()) != count_) {
    throw ContractError(
        fmt::format("a tensor of shape {} has {} elements, but {} were given", shape_.text(), count_, values.size()));
  }
  std::copy(values.begin(), values.end(), data());
}

template <class Real>
BasicTensor<Real>::BasicTensor(const BasicTensor& other) : BasicTensor(uninitialised(other.shape_)) {
  std::copy(other.data(), other.data() + other.count_, data());
}

template <class Real>
BasicTensor<Real>& BasicTensor<Real>::operator=(const BasicTensor& other) {
  if (this == &other) return *this;
  if (count_ != other.count_ || is_shared()) data_ = allocate(other.count_);
  shape_ = other.shape_;
  count_ = other.count_;
  std::copy(other.data(), other.data() + other.count_, data());
  return *this;
}

template <class Real>
BasicTensor<Real>::BasicTensor(BasicTensor&& other) noexcept
    : shape_(std::exchange(other.shape_, Shape{0})),
      count_(std::exchange(other.count_, 0)),
      data_(std::move(other.data_)) {}

template <class Real>
BasicTensor<Real>& BasicTensor<Real>::operator=(BasicTensor&& other) noexcept {
  if (this == &other) return *this;
  shape_ = std::exchange(other.shape_, Shape{0});
  count_ = std::exchange(other.count_, 0);
  data_ = std::move(other.data_);
  return *this;
}

template <class Real>
void BasicTensor<Real>::fill(Real value) {
  std::fill(data(), data() + count_, value);
}

template <class Real>
void BasicTensor<Real>::Free::operator()(Real*) const {
  return_storage(block);
}

template class BasicTensor<float>;
template class BasicTensor<double>;
template class BasicTensor<std::uint16_t>;
template class BasicTensor<std::uint32_t>;

}  // namespace unfold
