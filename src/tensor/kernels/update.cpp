#include "tensor/kernels/update.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "tensor/kernels/update.cpp"
#include <hwy/foreach_target.h>
// After foreach_target.h:
#include <hwy/highway.h>

#include "tensor/kernels/choice.h"
#include "tensor/kernels/math-inl.h"
#include "tensor/kernels/update_naive.h"

HWY_BEFORE_NAMESPACE();
namespace unfold::kernels::HWY_NAMESPACE {
namespace {

/// value - (decay * value + rate * direction)
HWY_INLINE Vector updated(Vector value, Vector decay, Vector rate, Vector direction) {
  return hn::Sub(value, hn::MulAdd(decay, value, hn::Mul(rate, direction)));
}

/// Loads and stores of `count` elements: a whole vector, or the first few.
struct Whole {
  HWY_INLINE Vector load(const float* from) const { return hn::LoadU(Floats(), from); }
  HWY_INLINE void store(Vector v, float* to) const { hn::StoreU(v, Floats(), to); }
};
struct First {
  Index count;
  HWY_INLINE Vector load(const float* from) const { return load_first(from, count); }
  HWY_INLINE void store(Vector v, float* to) const { store_first(v, to, count); }
};

template <class Access>
HWY_INLINE void adam_vector(Access access, float* value, float* gradient, float* first_moment, float* second_moment,
                            const AdamStep& step) {
  const Vector g = hn::Mul(constant(step.gradient_scale), access.load(gradient));
  const Vector m = hn::MulAdd(constant(step.beta1), access.load(first_moment), hn::Mul(constant(1.0f - step.beta1), g));
  const Vector square = hn::Mul(hn::Mul(constant(1.0f - step.beta2), g), g);
  const Vector v = hn::MulAdd(constant(step.beta2), access.load(second_moment), square);
  const Vector direction = hn::Div(m, hn::Add(hn::Sqrt(v), constant(step.epsilon)));
  access.store(m, first_moment);
  access.store(v, second_moment);
  access.store(updated(access.load(value), constant(step.decay), constant(step.rate), direction), value);
  access.store(constant(0.0f), gradient);
}

void adam(float* value, float* gradient, float* first_moment, float* second_moment, Index count, const AdamStep& step) {
  Index i = 0;
  for (; i + lanes() <= count; i += lanes()) {
    adam_vector(Whole{}, value + i, gradient + i, first_moment + i, second_moment + i, step);
  }
  if (i < count) adam_vector(First{count - i}, value + i, gradient + i, first_moment + i, second_moment + i, step);
}

template <class Access>
HWY_INLINE void sgd_vector(Access access, float* value, float* gradient, float* velocity, const SgdStep& step) {
  Vector direction = hn::Mul(constant(step.gradient_scale), access.load(gradient));
  if (velocity != nullptr) {
    direction = hn::MulAdd(constant(step.momentum), access.load(velocity), direction);
    access.store(direction, velocity);
  }
  access.store(updated(access.load(value), constant(step.decay), constant(step.rate), direction), value);
  access.store(constant(0.0f), gradient);
}

void sgd(float* value, float* gradient, float* velocity, Index count, const SgdStep& step) {
  const auto at = [velocity](Index i) { return velocity == nullptr ? nullptr : velocity + i; };
  Index i = 0;
  for (; i + lanes() <= count; i += lanes()) sgd_vector(Whole{}, value + i, gradient + i, at(i), step);
  if (i < count) sgd_vector(First{count - i}, value + i, gradient + i, at(i), step);
}

}  // namespace
}  // namespace unfold::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace unfold::kernels {

HWY_EXPORT(adam);
HWY_EXPORT(sgd);

void adam(float* value, float* gradient, float* first_moment, float* second_moment, Index count, const AdamStep& step) {
  if (naive_kernels()) return naive::adam(value, gradient, first_moment, second_moment, count, step);
  limit_instruction_set();
  HWY_DYNAMIC_DISPATCH(adam)(value, gradient, first_moment, second_moment, count, step);
}

void sgd(float* value, float* gradient, float* velocity, Index count, const SgdStep& step) {
  if (naive_kernels()) return naive::sgd(value, gradient, velocity, count, step);
  limit_instruction_set();
  HWY_DYNAMIC_DISPATCH(sgd)(value, gradient, velocity, count, step);
}

}  // namespace unfold::kernels
#endif
