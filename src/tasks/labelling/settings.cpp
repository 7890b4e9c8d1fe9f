#include "tasks/labelling/settings.h"

#include <fmt/format.h>

#include <filesystem>

#include "tasks/training/run_settings.h"

namespace unfold {

Settings ReadingSettings::list() {
  return grouped(
      "Format of the files",
      {
          {"format",
           fmt::format("{}; by default the file's name and content tell", fmt::join(sequence_formats(), ", ")),
           &format},
          {"label", "Column or key of the labels: default label, in CoNLL-U upos", &label},
          {"text", "Column or key of the text or words: default text, in JSON Lines also tokens", &text},
          {"values", "Columns, or key, of the numbers: default all that are nothing else, in JSON Lines values",
           &values},
          {"sequence-column", "Column of a long table that names the sequence: default sequence_id", &sequence},
          {"time-column", "Column of a long table with the time: default time", &time},
          {"part", "Only this part of files that have parts, such as test", &part},
          {"pixels", "Images: a step is a pixel, not a row", &pixels},
          {"shrink", "Images: the mean of N x N pixels stands for them", &shrink},
          {"permute", "Images: pixels in a random order drawn from this seed", &permute},
          {"labels", "IDX: the file of labels; default: the one beside the images", &labels},
      });
}

ReadOptions ReadingSettings::over(ReadOptions defaults) const {
  const auto take = [](const auto& from, auto& to) {
    if (!from.empty()) to = from;
  };
  take(format, defaults.format);
  take(label, defaults.label);
  take(text, defaults.text);
  take(values, defaults.values);
  take(sequence, defaults.sequence);
  take(time, defaults.time);
  take(part, defaults.part);
  take(labels, defaults.labels_file);
  if (pixels) defaults.pixels = true;
  if (shrink >= 0) defaults.shrink = shrink;
  if (permute >= 0) defaults.permute = permute;
  return defaults;
}

Settings LabelledDataSettings::list() {
  return joined(
      {grouped("Data",
               {
                   {"data",
                    "Sequences to learn from: files, .gz too, or a folder of one file of texts "
                    "for each label",
                    &data},
                   {"valid", "Sequences to validate on; default: a part of --data is held out", &valid},
                   {"held-out", "The share of each label that is held out where there is no --valid", &held_out},
                   {"deduplicate", "Remove sequences that another one with the same label equals", &deduplicate},
                   {"seed", "Seed of what is drawn at random", &seed},
               }),
       reading.list()});
}

void make_paths_whole(LabelledDataSettings& data, std::string& cell) {
  for (std::vector<std::string>* files : {&data.data, &data.valid}) {
    for (std::string& file : *files) file = whole_path(file);
  }
  for (std::string* file : {&cell, &data.reading.labels}) {
    if (std::filesystem::is_regular_file(*file)) *file = whole_path(*file);
  }
}

}  // namespace unfold
