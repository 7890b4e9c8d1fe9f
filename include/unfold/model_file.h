// The model file: one safetensors file that holds everything a model needs to run. See docs/file_format.md.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <string>

#include "unfold/baselines.h"
#include "unfold/data.h"
#include "unfold/language_model.h"
#include "unfold/text_model.h"

namespace unfold {

struct LoadedModel {
  LanguageModel model;
  Vocabulary vocabulary;
  std::map<std::string, std::string> metadata;  // as stored
};

/// Replaces `file` atomically by the weights under their names and, as metadata, format and version, configuration, the
/// cell's text and options, the vocabulary, a checksum, and a self-test: a few tokens and what the model answers.
/// Throws InputError where the file cannot be written (the previous one is untouched) or the model's answer is not
/// finite, ContractError where the vocabulary is not the model's.
void save_model(const std::filesystem::path& file, LanguageModel& model, const Vocabulary& vocabulary);

/// Reads a model file, or the model.safetensors of a run directory, and runs its self-test. Throws InputError, saying
/// what is wrong: missing, truncated, damaged, foreign or newer file, a tensor missing, unknown or misshapen, another
/// answer than the one stored.
LoadedModel load_model(const std::filesystem::path& file_or_run);

/// The same for an n-gram model: its counts. Throws InputError also for one that was read from an ARPA file.
void save_ngram(const std::filesystem::path& file, const NGram& model, const Vocabulary& vocabulary);

/// Writes an n-gram model in the ARPA format, with its vocabulary in a remark, for `load_text_model`. See
/// unfold/arpa.h.
void export_arpa(const std::filesystem::path& file, const NGram& model, const Vocabulary& vocabulary);

struct LoadedTextModel {
  std::unique_ptr<TextModel> model;
  Vocabulary vocabulary;
  Index batch = 1;  // streams and steps at a time that suit it
  Index steps = 64;
};

/// Whatever model of text there is: a network's or an n-gram model's file, a run's folder, an ARPA file. One that
/// another program wrote is of words, </s> being the line's end. Throws InputError as load_model and parse_arpa.
LoadedTextModel load_text_model(const std::filesystem::path& file_or_run);

}  // namespace unfold
