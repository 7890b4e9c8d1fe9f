// N-gram models in the ARPA format, which SRILM, KenLM and others read and write.
#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "unfold/baselines.h"

namespace unfold {

/// A symbol as one word of an ARPA file: white space, control characters, '%' and bytes that are not ASCII where
/// `ascii` is set become %XX, and the markers <s> and </s> are kept apart from symbols that look like them.
std::string arpa_word(std::string_view symbol, bool ascii);

/// Writes a counted model, replacing `file` atomically: log10 of the probabilities, as n-grams with back-off weights,
/// of which an interpolated model is exactly one. `words` are the symbols in the order of their ids. The boundary is
/// </s> where it is predicted and <s> in contexts; a model without one lists both with the log-probability -99 that
/// stands for zero, since readers want them. `remark` goes into a line before the data that begins with '#', for
/// readers that know it. Throws InputError where the file cannot be written or the model was itself read from an ARPA
/// file, ContractError where the boundary is not the last id.
void save_arpa(const std::filesystem::path& file, const NGram& model, std::span<const std::string> words,
               std::string_view remark);

struct ArpaModel {
  NGram model;
  /// In the order of their ids: <unk>, if it is listed, first; the others as listed, without <s>; </s>, where it is
  /// predicted, last.
  std::vector<std::string> words;
  std::vector<std::string> remarks;  // lines before the data, without '#'
};

/// True if the content of a file looks like one of this format.
bool is_arpa(std::string_view content);

/// Throws InputError with `source`, line and what was expected, for whatever is malformed: a number that is none, a
/// log-probability above 0, a word without unigram, an n-gram twice or without the one that it continues, a section
/// with more or fewer n-grams than the header says, no \end\.
ArpaModel parse_arpa(std::string_view content, const std::string& source);

}  // namespace unfold
