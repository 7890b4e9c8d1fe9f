#include "models/labelling/labelling_header.h"

#include "models/labelling/named_rows_file.h"

namespace unfold {
namespace {

constexpr const char* kFormatVersion = "1";

}  // namespace

TensorFile begin_sequence_file(const char* format, const ReadingDefaults& reading) {
  TensorFile file;
  file.metadata = {{"format", format}, {"format_version", kFormatVersion}, {"reading", reading.to_json()}};
  return file;
}

TensorFile begin_labelling_file(const char* format, const Labels& labels, const ReadingDefaults& reading) {
  TensorFile file = begin_sequence_file(format, reading);
  store_names("labels", labels.names(), file);
  return file;
}

void expect_labelling_version(const TensorFile& file) {
  if (file.text("format_version") == kFormatVersion) return;
  throw InputError(fmt::format("{}: the format has version {}; this program reads version {}", file.path,
                               file.text("format_version"), kFormatVersion));
}

Labels read_labels(const std::string& key, const TensorFile& file) {
  Labels labels;
  for (const std::string& name : read_names(key, file)) {
    const Index known = labels.size();
    if (labels.add(name) < known) throw InputError(fmt::format("{}: '{}' is twice in {}", file.path, name, key));
  }
  return labels;
}

}  // namespace unfold
