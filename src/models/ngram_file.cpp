#include "models/ngram_file.h"

#include <fmt/core.h>

#include <cstring>
#include <nlohmann/json.hpp>
#include <type_traits>

#include "baselines/ngram_model.h"
#include "unfold/error.h"

namespace unfold {
namespace {

using nlohmann::json;

constexpr const char* kFormatVersion = "1";

/// Rows of numbers of 32 bits each: what the arrays of a tree are.
template <class Row>
constexpr Index kColumns = sizeof(Row) / sizeof(std::uint32_t);

template <class Row>
StoredTensor table(const std::vector<Row>& rows) {
  static_assert(std::is_trivially_copyable_v<Row> && alignof(Row) == alignof(std::uint32_t));
  std::vector<std::uint32_t> values(rows.size() * static_cast<std::size_t>(kColumns<Row>));
  if (!rows.empty()) std::memcpy(values.data(), rows.data(), values.size() * sizeof(std::uint32_t));
  return StoredTensor::of(values, kColumns<Row>);
}

template <class Row>
std::vector<Row> take_rows(TensorFile& file, const std::string& name) {
  const std::vector<std::uint32_t> values = file.take_table(name, kColumns<Row>);
  std::vector<Row> rows(values.size() / static_cast<std::size_t>(kColumns<Row>));
  if (!rows.empty()) std::memcpy(static_cast<void*>(rows.data()), values.data(), values.size() * sizeof(std::uint32_t));
  return rows;
}

NGramOptions read_options(const TensorFile& file) {
  try {
    const json configuration = json::parse(file.text("configuration"));
    NGramOptions options{.order = configuration.at("order").get<int>(),
                         .smoothing = parse_smoothing(configuration.at("smoothing").get<std::string>())};
    if (!configuration.at("boundary").is_null()) options.boundary = configuration.at("boundary").get<std::int32_t>();
    return options;
  } catch (const json::exception& error) {
    throw InputError(fmt::format("{}: damaged configuration: {}", file.path, error.what()));
  } catch (const UsageError& error) {
    throw InputError(fmt::format("{}: {}", file.path, error.what()));
  }
}

}  // namespace

TensorFile ngram_content(const NGram& model, const Vocabulary& vocabulary) {
  const auto* counted = dynamic_cast<const CountedNGram*>(&model.model());
  if (counted == nullptr) throw InputError("a model that was read from an ARPA file is kept as that file");
  if (vocabulary.size() != model.vocabulary_size()) {
    throw ContractError(fmt::format("the vocabulary has {} symbols, the model was made for {}", vocabulary.size(),
                                    model.vocabulary_size()));
  }
  TensorFile file;
  file.tensors["nodes"] = table(counted->tree.nodes);
  file.tensors["children"] = table(counted->tree.children);
  file.tensors["counts"] = table(counted->tree.counts);
  file.tensors["text"] = table(counted->tree.text);
  json configuration = {{"order", model.order()}, {"smoothing", smoothing_name(counted->smoother.smoothing())}};
  configuration["boundary"] = model.boundary() ? json(*model.boundary()) : json();
  file.metadata = {{"format", kNGramFormat},
                   {"format_version", kFormatVersion},
                   {"configuration", configuration.dump()},
                   {"vocabulary", vocabulary.to_json()}};
  return file;
}

NGram read_ngram(TensorFile& file, Index vocabulary_size) {
  if (file.text("format_version") != kFormatVersion) {
    throw InputError(fmt::format("{}: the format has version {}; this program reads version {}", file.path,
                                 file.text("format_version"), kFormatVersion));
  }
  const NGramOptions options = read_options(file);
  ContextTree tree;
  tree.nodes = take_rows<ContextTree::Node>(file, "nodes");
  tree.children = take_rows<ContextTree::Child>(file, "children");
  tree.counts = take_rows<TokenCount>(file, "counts");
  tree.text = take_rows<std::int32_t>(file, "text");
  file.expect_all_taken();
  tree.longest = static_cast<std::uint32_t>(options.order - 1);
  tree.boundary = options.boundary.value_or(kNoBoundary);
  tree.distinct = options.smoothing == Smoothing::kKneserNey;
  if (options.order < 1 || options.order > NGram::kHighestOrder || !is_sound(tree, vocabulary_size)) {
    throw InputError(fmt::format("{}: damaged: its tables do not belong together", file.path));
  }
  Smoother smoother(options.smoothing, tree);
  return NGram(std::make_unique<CountedNGram>(std::move(tree), std::move(smoother), vocabulary_size));
}

}  // namespace unfold
