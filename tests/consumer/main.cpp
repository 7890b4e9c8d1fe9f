#include <cstdio>

#include "unfold/cell.h"
#include "unfold/recurrence.h"
#include "unfold/version.h"

int main() {
  unfold::Recurrence recurrence(unfold::Cell::load("lstm"), {.input = 3, .hidden = 5});
  const unfold::Unrolling unrolling = unfold::Unrolling::equal(2, 1);
  const unfold::Tensor x(unfold::Shape{2, 3});
  unfold::ForwardArguments arguments;
  arguments.unrolling = &unrolling;
  arguments.inputs = {{.kind = unfold::InputValues::Kind::kDense, .values = &x, .tokens = {}}};
  const unfold::ForwardResult result = recurrence.forward(arguments);
  std::printf("unfold %s: %s\n", unfold::kVersion, result.output.shape().text().c_str());
  return result.output.shape() == unfold::Shape{2, 5} ? 0 : 1;
}
