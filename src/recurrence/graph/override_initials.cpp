#include "recurrence/graph/override_initials.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "recurrence/graph/initials.h"
#include "unfold/error.h"

namespace unfold::recurrence {
namespace {

using Kind = Initial::Kind;

constexpr const char* kForgetBias = "b_f";

struct Start {
  const char* name;
  Kind kind;
  bool has_number;
};
constexpr std::array<Start, 7> kStarts = {{{"glorot", Kind::kGlorot, false},
                                           {"identity", Kind::kIdentity, false},
                                           {"normal", Kind::kNormal, true},
                                           {"orthogonal", Kind::kOrthogonal, false},
                                           {"sparse", Kind::kSparse, false},
                                           {"spectral", Kind::kSpectral, true},
                                           {"uniform", Kind::kUniform, true}}};

/// The number behind the colon, or a negative one where there is none.
double number_of(const std::string& text, std::size_t colon) {
  if (colon == std::string::npos) return -1;
  std::size_t read = 0;
  try {
    const double number = std::stod(text.substr(colon + 1), &read);
    return colon + 1 + read == text.size() ? number : -1;
  } catch (const std::logic_error&) {  // no number, or out of range
    return -1;
  }
}

}  // namespace

Initial parse_initial(const std::string& text) {
  const std::size_t colon = text.find(':');
  const std::string name = text.substr(0, colon);
  for (const Start& start : kStarts) {
    if (name != start.name || start.has_number != (colon != std::string::npos)) continue;
    const double number = start.has_number ? number_of(text, colon) : 0;
    if (number >= 0) return {start.kind, number};
  }
  throw UsageError(
      fmt::format("the start of a matrix is glorot, identity, normal:DEVIATION, orthogonal, sparse, spectral:RADIUS or "
                  "uniform:BOUND, found '{}'",
                  text));
}

void override_initials(const Initialisation& initialisation, Graph& graph) {
  const std::vector<bool> recurrent = reads_states_only(graph);
  for (std::size_t p = 0; p < graph.parameters.size(); ++p) {
    ParameterDeclaration& parameter = graph.parameters[p];
    if (!parameter.trainable || parameter.shape.rank() != 2) continue;
    if (!initialisation.matrices.empty()) parameter.initial = parse_initial(initialisation.matrices);
    if (!initialisation.recurrent.empty() && recurrent[p]) parameter.initial = parse_initial(initialisation.recurrent);
  }
  if (!initialisation.forget_bias) return;
  const auto bias = std::ranges::find(graph.parameters, kForgetBias, &ParameterDeclaration::name);
  if (bias == graph.parameters.end()) {
    throw InputError(fmt::format(
        "the forget bias is the start of the parameter '{0}', and the cell '{1}' has none; give its bias that "
        "name, or write 'init NAME = {2}' in the cell's file",
        kForgetBias, graph.cell, *initialisation.forget_bias));
  }
  bias->initial = {Kind::kConstant, *initialisation.forget_bias};
}

}  // namespace unfold::recurrence
