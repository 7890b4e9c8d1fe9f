#include "tensor/kernels/onednn.h"

#include <fmt/format.h>

#include "tensor/kernels/choice.h"
#include "unfold/error.h"

// oneDNN of Debian and Ubuntu runs on GNU OpenMP. Declared here since <omp.h> may be another compiler's runtime.
extern "C" {
int omp_get_max_threads();
void omp_set_num_threads(int);
}

namespace unfold::kernels {

OnThisThread::OnThisThread() : before_(omp_get_max_threads()) {
  if (before_ != 1) omp_set_num_threads(1);
}

OnThisThread::~OnThisThread() {
  if (before_ != 1) omp_set_num_threads(before_);
}

const dnnl::engine& engine() {
  static const dnnl::engine cpu = [] {
    limit_instruction_set();
    return dnnl::engine(dnnl::engine::kind::cpu, 0);
  }();
  return cpu;
}

dnnl::stream& stream() {
  thread_local dnnl::stream in_order(engine());
  return in_order;
}

Type type_of(Precision precision) { return precision == Precision::kBfloat16 ? Type::bf16 : Type::f32; }

Description row_major(Index rows, Index columns, Index stride, Type type) {
  return Description({rows, columns}, type, dnnl::memory::dims{stride, 1});
}

dnnl::matmul::primitive_desc describe(const Description& a, const Description& b, const Description& c,
                                      bool accumulate) {
  dnnl::primitive_attr attributes;
  if (accumulate) {
    dnnl::post_ops sum;
    sum.append_sum(1.0f);
    attributes.set_post_ops(sum);
  }
#if DNNL_VERSION_MAJOR >= 3
  return dnnl::matmul::primitive_desc(engine(), a, b, c, attributes);
#else
  return dnnl::matmul::primitive_desc(dnnl::matmul::desc(a, b, c), attributes, engine());
#endif
}

Description packed_layout(Index k, Index n, Type type) {
  constexpr Index kUsualRows = 64;
  const Description any({k, n}, type, dnnl::memory::format_tag::any);
  return describe(row_major(kUsualRows, k, k, type), any, row_major(kUsualRows, n, n), false).weights_desc();
}

void fail(Index m, Index n, Index k, const char* reason) {
  throw Error(fmt::format("oneDNN could not multiply [{}, {}] by [{}, {}]: {}", m, k, k, n, reason));
}

}  // namespace unfold::kernels
