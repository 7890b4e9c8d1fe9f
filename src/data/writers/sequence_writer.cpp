#include "unfold/sequence_writer.h"

#include <fmt/format.h>

#include <cmath>

#include "data/readers/delimited.h"
#include "tensor/row.h"

namespace unfold {
namespace {

class PianoRollWriter final : public SequenceWriter {
 public:
  explicit PianoRollWriter(std::vector<std::string> notes) : notes_(std::move(notes)) {}

  std::string begin() override { return "["; }
  std::string sequence(const Tensor& values, const std::string&, Index) override {
    std::string text = any_ ? ",\n[" : "[";
    any_ = true;
    for (Index step = 0; step < values.shape()[0]; ++step) {
      text += step == 0 ? "[" : ", [";
      bool first = true;
      const std::span<const float> row = row_of(values, step);
      for (std::size_t i = 0; i < row.size(); ++i) {
        if (row[i] == 0 || std::isnan(row[i])) continue;
        text += fmt::format("{}{}", first ? "" : ", ", notes_[i]);
        first = false;
      }
      text += "]";
    }
    return text + "]";
  }
  std::string end() override { return "]\n"; }

 private:
  std::vector<std::string> notes_;
  bool any_ = false;
};

/// The row's numbers with ", " between them; those that are missing as `missing`.
std::string joined(std::span<const float> row, std::string_view separator, std::string_view missing) {
  std::string text;
  for (std::size_t i = 0; i < row.size(); ++i) {
    if (i > 0) text += separator;
    text += std::isnan(row[i]) ? std::string(missing) : fmt::format("{}", row[i]);
  }
  return text;
}

class JsonLinesWriter final : public SequenceWriter {
 public:
  std::string begin() override { return {}; }
  std::string sequence(const Tensor& values, const std::string&, Index) override {
    std::string text = "{\"values\": [";
    for (Index step = 0; step < values.shape()[0]; ++step) {
      const std::string numbers = joined(row_of(values, step), ", ", "null");
      text += fmt::format("{}{}", step == 0 ? "" : ", ", values.shape()[1] == 1 ? numbers : "[" + numbers + "]");
    }
    return text + "]}\n";
  }
  std::string end() override { return {}; }
};

class LongTableWriter final : public SequenceWriter {
 public:
  explicit LongTableWriter(std::vector<std::string> columns) : columns_(std::move(columns)) {}

  std::string begin() override {
    std::string text = "sequence_id,time";
    for (const std::string& column : columns_) text += "," + field_text(column, ',');
    return text + "\n";
  }
  std::string sequence(const Tensor& values, const std::string& name, Index first_step) override {
    std::string text;
    for (Index step = 0; step < values.shape()[0]; ++step) {
      text +=
          fmt::format("{},{},{}\n", field_text(name, ','), first_step + step, joined(row_of(values, step), ",", ""));
    }
    return text;
  }
  std::string end() override { return {}; }

 private:
  std::vector<std::string> columns_;
};

}  // namespace

std::unique_ptr<SequenceWriter> make_sequence_writer(const std::string& format, std::vector<std::string> columns) {
  if (format == "piano-roll") return std::make_unique<PianoRollWriter>(std::move(columns));
  if (format == "jsonl") return std::make_unique<JsonLinesWriter>();
  return std::make_unique<LongTableWriter>(std::move(columns));
}

}  // namespace unfold
