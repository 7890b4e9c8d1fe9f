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

/// Calls body(access, i) for every vector of `count` elements, i its first one.
template <class Body>
HWY_INLINE void for_vectors(Index count, const Body& body) {
  Index i = 0;
  for (; i + lanes() <= count; i += lanes()) body(Whole{}, i);
  if (i < count) body(First{count - i}, i);
}

/// g; the gradient is zero afterwards.
template <class Access>
HWY_INLINE Vector take_direction(Access access, Vector value, float* gradient, const Direction& direction) {
  const Vector scaled = hn::Mul(constant(direction.scale), access.load(gradient));
  access.store(constant(0.0f), gradient);
  return hn::MulAdd(constant(direction.penalty), value, scaled);
}

void adam(float* value, float* gradient, float* first_moment, float* second_moment, Index count, const AdamStep& step) {
  for_vectors(count, [&](auto access, Index i) HWY_ATTR {
    const Vector w = access.load(value + i);
    const Vector g = take_direction(access, w, gradient + i, step.direction);
    const Vector some = hn::Mul(constant(step.beta1_rest), g);
    const Vector square = hn::Mul(hn::Mul(constant(step.beta2_rest), g), g);
    const Vector m = hn::MulAdd(constant(step.beta1), access.load(first_moment + i), some);
    const Vector v = hn::MulAdd(constant(step.beta2), access.load(second_moment + i), square);
    const Vector change = hn::Mul(constant(step.rate), hn::Div(m, hn::Add(hn::Sqrt(v), constant(step.epsilon))));
    access.store(m, first_moment + i);
    access.store(v, second_moment + i);
    access.store(hn::Sub(w, hn::MulAdd(constant(step.decay), w, change)), value + i);
  });
}

void sgd(float* value, float* gradient, Index count, const SgdStep& step) {
  for_vectors(count, [&](auto access, Index i) HWY_ATTR {
    const Vector w = access.load(value + i);
    const Vector g = take_direction(access, w, gradient + i, step.direction);
    access.store(hn::NegMulAdd(constant(step.rate), g, w), value + i);
  });
}

void momentum(float* value, float* gradient, float* velocity, Index count, const MomentumStep& step) {
  for_vectors(count, [&](auto access, Index i) HWY_ATTR {
    const Vector w = access.load(value + i);
    const Vector g = take_direction(access, w, gradient + i, step.direction);
    const Vector v = hn::MulAdd(constant(step.momentum), access.load(velocity + i), g);
    const Vector change = step.nesterov ? hn::MulAdd(constant(step.momentum), v, g) : v;
    access.store(v, velocity + i);
    access.store(hn::NegMulAdd(constant(step.rate), change, w), value + i);
  });
}

void root(float* value, float* gradient, float* squares, Index count, const RootStep& step) {
  for_vectors(count, [&](auto access, Index i) HWY_ATTR {
    const Vector w = access.load(value + i);
    const Vector g = take_direction(access, w, gradient + i, step.direction);
    const Vector square = hn::Mul(hn::Mul(constant(step.add), g), g);
    const Vector s = hn::MulAdd(constant(step.keep), access.load(squares + i), square);
    const Vector change = hn::Div(g, hn::Add(hn::Sqrt(s), constant(step.epsilon)));
    access.store(s, squares + i);
    access.store(hn::NegMulAdd(constant(step.rate), change, w), value + i);
  });
}

void move_towards(float* average, const float* value, float share, Index count) {
  for_vectors(count, [&](auto access, Index i) HWY_ATTR {
    const Vector before = access.load(average + i);
    access.store(hn::MulAdd(constant(share), hn::Sub(access.load(value + i), before), before), average + i);
  });
}

void clip(float* values, float largest, Index count) {
  const Vector upper = constant(largest), lower = constant(-largest);
  for_vectors(count, [&](auto access, Index i) HWY_ATTR {
    const Vector v = access.load(values + i);
    const Vector below = hn::IfThenElse(hn::Gt(v, upper), upper, v);  // comparisons with NaN are false
    access.store(hn::IfThenElse(hn::Lt(below, lower), lower, below), values + i);
  });
}

}  // namespace
}  // namespace unfold::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace unfold::kernels {

HWY_EXPORT(adam);
HWY_EXPORT(sgd);
HWY_EXPORT(momentum);
HWY_EXPORT(root);
HWY_EXPORT(move_towards);
HWY_EXPORT(clip);

void adam(float* value, float* gradient, float* first_moment, float* second_moment, Index count, const AdamStep& step) {
  if (naive_kernels()) return naive::adam(value, gradient, first_moment, second_moment, count, step);
  limit_instruction_set();
  HWY_DYNAMIC_DISPATCH(adam)(value, gradient, first_moment, second_moment, count, step);
}

void sgd(float* value, float* gradient, Index count, const SgdStep& step) {
  if (naive_kernels()) return naive::sgd(value, gradient, count, step);
  limit_instruction_set();
  HWY_DYNAMIC_DISPATCH(sgd)(value, gradient, count, step);
}

void momentum(float* value, float* gradient, float* velocity, Index count, const MomentumStep& step) {
  if (naive_kernels()) return naive::momentum(value, gradient, velocity, count, step);
  limit_instruction_set();
  HWY_DYNAMIC_DISPATCH(momentum)(value, gradient, velocity, count, step);
}

void root(float* value, float* gradient, float* squares, Index count, const RootStep& step) {
  if (naive_kernels()) return naive::root(value, gradient, squares, count, step);
  limit_instruction_set();
  HWY_DYNAMIC_DISPATCH(root)(value, gradient, squares, count, step);
}

void move_towards(float* average, const float* value, float share, Index count) {
  if (naive_kernels()) return naive::move_towards(average, value, share, count);
  limit_instruction_set();
  HWY_DYNAMIC_DISPATCH(move_towards)(average, value, share, count);
}

void clip(float* values, float largest, Index count) {
  if (naive_kernels()) return naive::clip(values, largest, count);
  limit_instruction_set();
  HWY_DYNAMIC_DISPATCH(clip)(values, largest, count);
}

}  // namespace unfold::kernels
#endif
