#include "tasks/labelling/data.h"

#include <fmt/format.h>

#include <algorithm>

#include "unfold/error.h"
#include "unfold/preparation.h"

namespace unfold {
namespace {

constexpr const char* kTrain = "train";
constexpr const char* kValid = "valid";

// A batch is this share of the data, but no fewer sequences, and no more steps than these.
constexpr Index kBatchesPerEpoch = 200;
constexpr Index kFewestSequences = 16;
constexpr Index kMostSteps = 4000;

bool has_part(const SequenceData& data, const std::string& part) {
  return std::any_of(data.sequences.begin(), data.sequences.end(),
                     [&](const Sequence& sequence) { return sequence.part == part; });
}

/// The sequences of one part, with everything else.
SequenceData part_of(SequenceData data, const std::string& part) {
  std::erase_if(data.sequences, [&](const Sequence& sequence) { return sequence.part != part; });
  return data;
}

void divide(SequenceData all, const LabelledDataSettings& settings, LabelledData& data) {
  if (has_part(all, kTrain) && has_part(all, kValid)) {
    data.train = part_of(all, kTrain);
    data.valid = part_of(std::move(all), kValid);
    return;
  }
  HoldOut parts = stratified_hold_out(std::move(all), settings.held_out, static_cast<std::uint64_t>(settings.seed));
  data.train = std::move(parts.train);
  data.valid = std::move(parts.held_out);
}

void add_remarks(const LabelledData& data, Index duplicates, Index windows_1252, std::vector<std::string>& remarks) {
  if (windows_1252 > 0)
    remarks.push_back(fmt::format("lines that are not UTF-8 and were read as Windows-1252: {}", windows_1252));
  if (duplicates > 0) remarks.push_back(fmt::format("duplicates within a label that were removed: {}", duplicates));
  const std::vector<Leak> leaks = identical_sequences(data.train, data.valid);
  if (leaks.empty()) return;
  const auto same = std::count_if(leaks.begin(), leaks.end(), [](const Leak& leak) { return leak.same_label; });
  const Sequence& first = data.valid.sequences[static_cast<std::size_t>(leaks.front().sequence)];
  remarks.push_back(
      fmt::format("{} of {} validation sequences stand in the training part, too, {} of them with the same label; the "
                  "first one is in "
                  "line {}{}",
                  leaks.size(), data.valid.sequences.size(), same, first.line,
                  same > 0 ? "; what is measured on these is too good" : ""));
}

}  // namespace

SequenceData read_files(const std::vector<std::string>& files, const ReadOptions& options, const Labels& labels) {
  SequenceData all;
  for (std::size_t i = 0; i < files.size(); ++i) {
    SequenceData data = read_sequences(files[i], options);
    if (i == 0) {
      all = std::move(data);
      if (labels.size() > 0) relabel(all, labels);
      continue;
    }
    if (data.kind != all.kind || data.width() != all.width()) {
      throw InputError(fmt::format("{}: its sequences are of another kind than those of {}", files[i], files[0]));
    }
    relabel(data, all.labels);
    all.labels = data.labels;
    all.windows_1252_lines += data.windows_1252_lines;
    std::move(data.sequences.begin(), data.sequences.end(), std::back_inserter(all.sequences));
  }
  if (all.sequences.empty()) throw InputError(fmt::format("there is no sequence in {}", fmt::join(files, " ")));
  return all;
}

LabelledData read_labelled_data(const LabelledDataSettings& settings, const ReadOptions& defaults) {
  if (settings.data.empty()) throw UsageError("--data is missing: the labelled sequences to learn from");
  const ReadOptions options = settings.reading.over(defaults);
  LabelledData data;
  SequenceData all = read_files(settings.data, options);
  Index windows_1252 = all.windows_1252_lines;
  const Index duplicates = settings.deduplicate ? remove_duplicates(all) : 0;
  if (settings.valid.empty()) {
    divide(std::move(all), settings, data);
  } else {
    data.train = std::move(all);
    data.valid = read_files(settings.valid, options, data.train.labels);
    windows_1252 += data.valid.windows_1252_lines;
  }
  if (data.valid.sequences.empty()) {
    throw InputError(fmt::format("{} sequences are too few to hold out a share of {}; name others with --valid",
                                 data.train.sequences.size(), settings.held_out));
  }
  add_remarks(data, duplicates, windows_1252, data.remarks);
  return data;
}

Index usual_batch(Index steps, Index sequences) {
  const Index mean = steps / sequences + 1;
  return std::max(std::min(steps / kBatchesPerEpoch, kMostSteps), kFewestSequences * mean);
}

Labels step_labels_of_training(const LabelledData& data) {
  std::int32_t largest = -1;
  for (const Sequence& sequence : data.train.sequences) {
    for (const std::int32_t label : sequence.step_labels) largest = std::max(largest, label);
  }
  return Labels(data.train.labels.names().first(static_cast<std::size_t>(largest + 1)));
}

}  // namespace unfold
