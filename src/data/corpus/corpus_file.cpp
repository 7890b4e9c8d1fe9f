#include "data/corpus/corpus_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/checksum.h"
#include "base/file.h"
#include "base/random.h"
#include "data/corpus/parts.h"
#include "data/corpus/token_file.h"
#include "unfold/error.h"

namespace unfold {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

constexpr const char* kFormat = "unfold text";
constexpr int kVersion = 1;
constexpr const char* kStandardInput = "-";

fs::path record_file(const fs::path& folder) { return folder / "text.json"; }

std::string describe(const std::string& name) {
  if (name == kStandardInput) return name;
  std::error_code ignored;
  const fs::path path = fs::absolute(name).lexically_normal();
  const auto time = fs::last_write_time(path, ignored).time_since_epoch().count();
  return fmt::format("{} {} {}\n", path.string(), fs::file_size(path, ignored), time);
}

std::uint64_t fingerprint_of(const std::vector<std::string>& names, std::string_view include) {
  std::uint32_t result = 0;
  Index files = 0;
  for (const std::string& name : text_files(names, include)) {
    const std::string file = describe(name);
    result = checksum(std::as_bytes(std::span(file)), result);
    ++files;
  }
  return combine(result, static_cast<std::uint64_t>(files));
}

std::shared_ptr<const TokenFile> open_expected(const fs::path& file, std::uint32_t expected) {
  auto storage = std::make_shared<const TokenFile>(file);
  if (storage->checksum() == expected) return storage;
  throw InputError(fmt::format("the token file '{}' is not the one of text.json beside it", file.string()));
}

bool reads_standard_input(const CorpusOptions& options) {
  const auto names_it = [](const std::vector<std::string>& names) {
    return std::find(names.begin(), names.end(), kStandardInput) != names.end();
  };
  return names_it(options.data) || names_it(options.valid);
}

}  // namespace

fs::path train_file(const fs::path& folder) { return folder / "train.tokens"; }
fs::path valid_file(const fs::path& folder) { return folder / "valid.tokens"; }

std::uint64_t fingerprint(const CorpusOptions& options) {
  const std::uint64_t data = fingerprint_of(options.data, options.include);
  return options.valid.empty() ? data : combine(data, fingerprint_of(options.valid, options.include));
}

void write_record(const CorpusRecord& record, const fs::path& folder) {
  const Json json = {{"format", kFormat},         {"version", kVersion},
                     {"sources", record.sources}, {"checksum", record.checksum},
                     {"train", record.train},     {"valid", record.valid},
                     {"unknown", record.unknown}, {"vocabulary", Json::parse(record.vocabulary.to_json())}};
  write_atomically(record_file(folder), json.dump() + "\n");
}

CorpusRecord read_record(const fs::path& folder) {
  const std::string file = record_file(folder).string();
  try {
    const Json json = Json::parse(read_file(file));
    if (json.at("format") != kFormat || json.at("version") != kVersion) {
      throw InputError(fmt::format("'{}' is of another version", file));
    }
    return {.vocabulary = Vocabulary::from_json(json.at("vocabulary").dump()),
            .sources = json.at("sources"),
            .checksum = json.at("checksum"),
            .train = json.at("train"),
            .valid = json.at("valid"),
            .unknown = json.at("unknown")};
  } catch (const Json::exception& error) {
    throw InputError(fmt::format("'{}' is damaged: {}", file, error.what()));
  }
}

Corpus open_recorded(const CorpusRecord& record, const fs::path& folder) {
  return {.vocabulary = record.vocabulary,
          .train = Tokens(open_expected(train_file(folder), record.train)),
          .valid = Tokens(open_expected(valid_file(folder), record.valid)),
          .checksum = record.checksum,
          .unknown = record.unknown};
}

Corpus open_corpus(const CorpusOptions& options, const fs::path& folder) {
  const bool piped = reads_standard_input(options);
  CorpusRecord record;
  Corpus corpus;
  try {
    record = read_record(folder);
    corpus = open_recorded(record, folder);
  } catch (const InputError& error) {
    if (!piped) return make_corpus(options, folder);
    throw InputError(
        fmt::format("{}; the text came from the standard input, so that it cannot be read again: "
                    "begin another run",
                    error.what()));
  }
  // What came from a pipe is only here now.
  if (piped || fingerprint(options) == record.sources || checksum_of_files(options) == record.checksum) return corpus;
  throw InputError(fmt::format("{}: the text is not the one that this run learnt from before ({})",
                               fmt::join(options.data, " "), folder.string()));
}

}  // namespace unfold
