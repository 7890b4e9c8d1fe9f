// Which format a file of sequences has, by --format, its name, or its content; and opening it.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>

#include "base/text_distance.h"
#include "data/readers/columns.h"
#include "data/readers/fields.h"
#include "data/readers/lined_reader.h"
#include "data/text/text_stream.h"
#include "unfold/error.h"

namespace unfold {
namespace {

namespace fs = std::filesystem;

constexpr const char* kStandardInput = "-";

const std::vector<std::string> kFormats = {"csv",   "tsv",    "long", "label-text", "text",
                                           "jsonl", "conllu", "ts",   "piano-roll", "idx"};

constexpr std::array<std::pair<std::string_view, std::string_view>, 7> kEndings = {{
    {".csv", "csv"},
    {".tsv", "tsv"},
    {".jsonl", "jsonl"},
    {".ndjson", "jsonl"},
    {".conllu", "conllu"},
    {".ts", "ts"},
    {".json", "piano-roll"},
}};

bool is_text_format(std::string_view format) { return format != "idx" && format != "piano-roll"; }

std::string without_gz(std::string name) {
  if (name.ends_with(".gz")) name.resize(name.size() - 3);
  return name;
}

/// The first lines that are neither empty nor a comment of '#'.
std::string_view first_line(std::string_view content) {
  while (!content.empty()) {
    const std::string_view line = content.substr(0, content.find('\n'));
    if (!trimmed(line).empty() && !line.starts_with('#')) return line;
    content.remove_prefix(std::min(line.size() + 1, content.size()));
  }
  return {};
}

std::string format_of_content(std::string_view content) {
  if (content.starts_with(std::string_view("\0\0", 2))) return "idx";
  const std::string_view line = first_line(content);
  if (line.starts_with('{')) return "jsonl";
  if (line.starts_with('@')) return "ts";
  if (std::count(line.begin(), line.end(), '\t') == 9) return "conllu";
  return "label-text";
}

std::string format_of(const std::string& name, std::string_view content, const ReadOptions& options) {
  if (!options.format.empty()) return options.format;
  const std::string plain = without_gz(name);
  for (const auto& [ending, format] : kEndings) {
    if (!plain.ends_with(ending)) continue;
    if (format != "csv" && format != "tsv") return std::string(format);
    // A table of steps says so in its header.
    Lines lines{std::string(content.substr(0, content.find('\n'))), name};
    const auto header = next_fields(lines, separator_of(plain, content));
    const auto is_sequence = [&](const Field& field) { return trimmed(field.value) == options.sequence; };
    const bool is_long = header && std::any_of(header->fields.begin(), header->fields.end(), is_sequence);
    return is_long ? "long" : std::string(format);
  }
  return format_of_content(content);
}

void expect_format(const std::string& format) {
  if (std::find(kFormats.begin(), kFormats.end(), format) != kFormats.end()) return;
  throw UsageError(fmt::format("there is no format '{}'{}; the formats are {}", format, did_you_mean(format, kFormats),
                               fmt::join(kFormats, ", ")));
}

/// What the separator of a table is seen by.
std::string peek(Lines& lines) {
  std::optional<Line> line = lines.next();
  if (!line) return {};
  lines.put_back(*line);
  return line->bytes;
}

Reader open_lines(Lines lines, const std::string& name, const std::string& format, const ReadOptions& options) {
  if (format == "csv") return read_table(std::move(lines), options, ',');
  if (format == "tsv") return read_table(std::move(lines), options, '\t');
  if (format == "long") {
    const char separator = separator_of(without_gz(name), peek(lines));
    return read_long_table(std::move(lines), options, separator);
  }
  if (format == "label-text") return read_labelled_lines(std::move(lines), options);
  if (format == "text") return read_plain_lines(std::move(lines), options);
  if (format == "jsonl") return read_json_lines(std::move(lines), options);
  if (format == "conllu") return read_conllu(std::move(lines), options);
  return read_time_series(std::move(lines), options);
}

std::string bytes_of(const std::string& file) {
  constexpr std::size_t kBlock = std::size_t{1} << 20;
  TextStream stream(file);
  std::string content;
  for (std::size_t length = 0;;) {
    content.resize(length + kBlock);
    const std::size_t count = stream.read(std::span(content).subspan(length));
    length += count;
    if (count < kBlock) {
      content.resize(length);
      return content;
    }
  }
}

/// "train-images-idx3-ubyte" has "train-labels-idx1-ubyte" beside it.
std::string labels_beside(const std::string& images) {
  fs::path path(images);
  std::string name = path.filename().string();
  const auto replace = [&](std::string_view from, std::string_view to) {
    const std::size_t found = name.rfind(from);
    if (found != std::string::npos) name.replace(found, from.size(), to);
    return found != std::string::npos;
  };
  if (!replace("images", "labels")) return {};
  if (!replace("idx3", "idx1")) replace("idx2", "idx1");
  return path.replace_filename(name).string();
}

Reader open_idx(const std::string& content, const std::string& name, const ReadOptions& options) {
  const std::string beside = options.labels_file.empty() ? labels_beside(name) : options.labels_file;
  const bool there = !options.labels_file.empty() || (!beside.empty() && fs::exists(beside));
  return read_idx(content, name, there ? std::optional(bytes_of(beside)) : std::nullopt,
                  beside.empty() ? "name their file with --labels" : beside, options);
}

}  // namespace

/// The reader, which then knows its format.
std::unique_ptr<SequenceReader> of_format(std::unique_ptr<SequenceReader> reader, std::string format) {
  reader->format_ = std::move(format);
  return reader;
}

std::vector<std::string> sequence_formats() { return kFormats; }

std::unique_ptr<SequenceReader> read_sequences_of(std::string content, const std::string& name,
                                                  const ReadOptions& options) {
  if (content.empty()) throw InputError(fmt::format("{} is empty: expected sequences", shown_source(name)));
  const std::string format = format_of(name, content, options);
  expect_format(format);
  if (format == "idx") return of_format(open_idx(content, name, options), format);
  if (format == "piano-roll") return of_format(read_piano_roll(content, name), format);
  Lines lines(content, shown_source(name));
  return of_format(open_lines(std::move(lines), name, format, options), format);
}

std::unique_ptr<SequenceReader> open_sequences(const std::string& file, const ReadOptions& options) {
  if (!options.format.empty()) expect_format(options.format);
  if (file == kStandardInput && !options.format.empty() && is_text_format(options.format)) {
    return of_format(open_lines(Lines::of_standard_input(), file, options.format, options), options.format);
  }
  if (file != kStandardInput && fs::is_directory(file)) return read_label_folder(file, options);
  return read_sequences_of(bytes_of(file), file, options);
}

}  // namespace unfold
