#include "layers/start.h"

#include "recurrence/graph/initialise.h"
#include "recurrence/graph/override_initials.h"

namespace unfold {

namespace {

using recurrence::Initial;

void start_as(Parameter& parameter, Initial initial, std::uint64_t key) {
  const recurrence::ParameterDeclaration declaration = {
      .name = parameter.name(), .shape = parameter.shape(), .initial = initial};
  recurrence::initialise(declaration, key, parameter.edit());
}

}  // namespace

void start_glorot(Parameter& matrix, std::uint64_t key) { start_as(matrix, {Initial::Kind::kGlorot, 0}, key); }

void start_normal(Parameter& parameter, double deviation, std::uint64_t key) {
  start_as(parameter, {Initial::Kind::kNormal, deviation}, key);
}

void start(Parameter& matrix, const std::string& text, std::uint64_t key) {
  start_as(matrix, recurrence::parse_initial(text), key);
}

}  // namespace unfold
