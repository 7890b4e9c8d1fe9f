// From a name, a file or a text to a Cell.
#include "recurrence/parse/definition.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "recurrence/parse/diagnostics.h"
#include "recurrence/parse/names.h"
#include "recurrence/parse/parser.h"
#include "recurrence/parse/shipped_cells.h"
#include "unfold/cell.h"
#include "unfold/error.h"

namespace unfold {
namespace recurrence {

std::shared_ptr<const Definition> define_cell(std::string source, std::string file, std::string_view options) {
  auto definition = std::make_shared<Definition>();
  definition->source = {std::move(source), std::move(file)};
  definition->options = std::string(options);
  definition->syntax = parse_cell(definition->source);
  apply_options(options, definition->syntax.options, definition->syntax.cell);
  resolve_names(definition->source, definition->syntax);
  return definition;
}

}  // namespace recurrence

namespace {

namespace fs = std::filesystem;

bool is_file_name(std::string_view name) { return name.find('/') != std::string_view::npos || name.ends_with(".cell"); }

std::string read_cell_file(const std::string& path) {
  std::error_code ignored;
  if (fs::is_directory(path, ignored)) throw InputError(fmt::format("{}: is a directory, not a cell file", path));
  std::ifstream stream(path, std::ios::binary);
  std::ostringstream text;
  text << stream.rdbuf();
  if (!stream) {
    throw InputError(fmt::format("{}: cannot read this cell file{}", path,
                                 fs::exists(path, ignored) ? "" : ": there is no such file"));
  }
  return std::move(text).str();
}

[[noreturn]] void fail_unknown_cell(const std::string& name) {
  const auto names = shipped_cells();
  throw InputError(fmt::format("there is no shipped cell '{}'\n  hint: {}\n  shipped cells: {}", name,
                               recurrence::hint_for(name, names, "the name of a file ends in .cell or holds a /"),
                               fmt::join(names, ", ")));
}

}  // namespace

Cell Cell::load(const std::string& name_or_file) {
  std::string name = name_or_file;
  std::string options;
  const auto open = name.find('(');
  if (open != std::string::npos && name.ends_with(')')) {
    options = name.substr(open + 1, name.size() - open - 2);
    name.resize(name.find_last_not_of(' ', open - 1) + 1);
  }
  if (is_file_name(name)) return parse(read_cell_file(name), name, options);
  const std::string_view source = shipped_cell_source(name);
  if (source.empty()) fail_unknown_cell(name);
  return parse(std::string(source), name + ".cell", options);
}

Cell Cell::parse(std::string source, std::string file, std::string_view options) {
  return Cell(recurrence::define_cell(std::move(source), std::move(file), options));
}

const std::string& Cell::name() const { return definition_->syntax.cell; }
const std::string& Cell::source() const { return definition_->source.text; }
const std::string& Cell::options() const { return definition_->options; }

std::vector<std::string> shipped_cells() {
  std::vector<std::string> names;
  for (const auto& cell : recurrence::shipped_cell_table()) names.emplace_back(cell.name);
  return names;
}

std::string_view shipped_cell_source(std::string_view name) {
  const auto table = recurrence::shipped_cell_table();
  const auto found = std::ranges::find(table, name, &recurrence::ShippedCell::name);
  return found == table.end() ? std::string_view() : found->source;
}

}  // namespace unfold
