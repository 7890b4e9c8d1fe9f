// unfold cells [NAME]: the shipped cells, or the equations, states and parameters of one.
#include <fmt/core.h>

#include <nlohmann/json.hpp>

#include "recurrence/graph/build_graph.h"
#include "recurrence/graph/graph_text.h"
#include "unfold/cell.h"
#include "verb.h"

namespace unfold::cli {
namespace {

struct Options {
  std::string cell;
  Index hidden = 128;
  Index input = 64;
  bool json = false;
};

/// The first comment line of a cell's text, without its mark.
std::string summary_of(std::string_view source) {
  const std::size_t begin = source.find_first_not_of("# \n");
  return std::string(source.substr(begin, source.find('\n', begin) - begin));
}

void list_cells(bool json) {
  nlohmann::ordered_json list = nlohmann::ordered_json::object();
  for (const std::string& name : shipped_cells()) {
    const std::string summary = summary_of(shipped_cell_source(name));
    if (json) {
      list[name] = summary;
    } else {
      fmt::print("{:<18} {}\n", name, summary);
    }
  }
  if (json) fmt::print("{}\n", list.dump());
}

std::string initial_text(const recurrence::StateDeclaration& state) {
  return state.start_parameter >= 0 ? "learned" : fmt::format("{}", state.start);
}

void show_cell(const Options& options) {
  const Cell cell = Cell::load(options.cell);
  const recurrence::Graph graph = recurrence::build_graph(
      cell.definition(), {.input = options.input, .hidden = options.hidden, .target = options.input});
  Index count = 0;
  for (const recurrence::ParameterDeclaration& parameter : graph.parameters) count += parameter.shape.count();

  if (options.json) {
    nlohmann::ordered_json object = {{"cell", cell.name()},
                                     {"hidden", options.hidden},
                                     {"input", options.input},
                                     {"source", cell.source()},
                                     {"parameter_count", count}};
    for (const auto& state : graph.states) object["states"][state.name] = state.shape.extents();
    for (const auto& parameter : graph.parameters) object["parameters"][parameter.name] = parameter.shape.extents();
    fmt::print("{}\n", object.dump());
    return;
  }
  fmt::print("{}\n\n", cell.source().substr(0, cell.source().find_last_not_of('\n') + 1));
  fmt::print("With {} hidden units and an input of {}:\n\n{}\n", options.hidden, options.input,
             graph.states.empty() ? "no state" : "states");
  for (const auto& state : graph.states) {
    fmt::print("  {} {} starts at {}\n", state.name, state.shape.text(), initial_text(state));
  }
  fmt::print("\nparameters, {} numbers in all\n", count);
  for (const auto& parameter : graph.parameters) fmt::print("  {}\n", recurrence::parameter_text(parameter));
}

void prepare(Command& command) {
  auto options = std::make_shared<Options>();
  command.argument("cell", options->cell,
                   "A shipped cell's name or a file of equations; all shipped cells if left out");
  command.option("hidden", options->hidden, "Units for the shapes shown");
  command.option("input", options->input, "Size of the input for the shapes shown");
  command.flag("json", options->json, "Print one JSON object");
  command.example("  unfold cells\n  unfold cells lstm --hidden 256");
  command.action([options] {
    if (options->cell.empty()) {
      list_cells(options->json);
    } else {
      show_cell(*options);
    }
    return kDone;
  });
}

}  // namespace

Verb verb_cells() {
  return {"cells", "List the shipped cells, or show the equations, states and parameters of one", prepare};
}

}  // namespace unfold::cli
