#include "unfold/tokens.h"

#include <fmt/format.h>

#include <algorithm>

#include "data/corpus/token_file.h"
#include "unfold/error.h"

namespace unfold {

Tokens::Tokens(std::span<const std::int32_t> tokens) : size_(static_cast<Index>(tokens.size())) {
  if (tokens.empty()) return;
  const auto [least, largest] = std::minmax_element(tokens.begin(), tokens.end());
  if (*least < 0) throw ContractError(fmt::format("a token is 0 or more, not {}", *least));
  auto array = std::make_shared<TokenArray>(*largest);
  array->append(tokens);
  storage_ = std::move(array);
}

Tokens::Tokens(std::shared_ptr<const TokenStorage> storage) : storage_(std::move(storage)), size_(storage_->size()) {}

Tokens Tokens::open(const std::filesystem::path& file) { return Tokens(std::make_shared<TokenFile>(file)); }

void Tokens::read(Index begin, std::span<std::int32_t> to) const {
  const auto count = static_cast<Index>(to.size());
  if (begin < 0 || count > size_ - begin) {
    throw ContractError(fmt::format("tokens [{}, {}) are not in a text of {}", begin, begin + count, size_));
  }
  if (count > 0) storage_->read(begin_ + begin, to);
}

std::vector<std::int32_t> Tokens::all() const {
  std::vector<std::int32_t> tokens(static_cast<std::size_t>(size_));
  read(0, tokens);
  return tokens;
}

Tokens Tokens::part(Index begin, Index count) const {
  if (begin < 0 || count < 0 || count > size_ - begin) {
    throw ContractError(fmt::format("tokens [{}, {}) are not in a text of {}", begin, begin + count, size_));
  }
  Tokens result = *this;
  result.begin_ += begin;
  result.size_ = count;
  return result;
}

}  // namespace unfold
