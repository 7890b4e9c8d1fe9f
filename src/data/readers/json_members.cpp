#include "data/readers/json_members.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace unfold {
namespace {

constexpr std::string_view kSpace = " \t\r\n";

/// Walks over the text of values that are known to be JSON.
class Walker {
 public:
  explicit Walker(std::string_view text) : text_(text) {}

  std::size_t offset() const { return offset_; }
  char here() const { return offset_ < text_.size() ? text_[offset_] : '\0'; }
  void skip(std::size_t count) { offset_ = std::min(offset_ + count, text_.size()); }
  void skip_space() { offset_ = std::min(text_.find_first_not_of(kSpace, offset_), text_.size()); }

  void skip_string() {
    for (skip(1); here() != '"' && offset_ < text_.size(); skip(1)) {
      if (here() == '\\') skip(1);
    }
    skip(1);
  }

  void skip_value() {
    int depth = 0;
    do {
      skip_space();
      const char first = here();
      if (first == '"') {
        skip_string();
      } else if (first == '{' || first == '[') {
        ++depth;
        skip(1);
      } else if (first == '}' || first == ']') {
        --depth;
        skip(1);
      } else if (first == ',' || first == ':') {
        skip(1);
      } else {
        offset_ = std::min(text_.find_first_of(" \t\r\n,:]}", offset_), text_.size());
      }
    } while (depth > 0 && offset_ < text_.size());
  }

 private:
  std::string_view text_;
  std::size_t offset_ = 0;
};

}  // namespace

std::string with_member(std::string_view object, std::string_view key, std::string_view value) {
  std::string result(object);
  Walker walker(object);
  walker.skip_space();
  walker.skip(1);  // {
  std::size_t end = walker.offset();
  std::size_t begin_of_old = 0;
  std::size_t end_of_old = 0;
  bool empty = true;
  for (walker.skip_space(); walker.here() == '"'; walker.skip_space()) {
    empty = false;
    const std::size_t begin = walker.offset();
    walker.skip_string();
    const bool found = nlohmann::json::parse(object.substr(begin, walker.offset() - begin)) == key;
    walker.skip_space();
    walker.skip(1);  // :
    walker.skip_space();
    const std::size_t begin_of_value = walker.offset();
    walker.skip_value();
    end = walker.offset();
    if (found) {
      begin_of_old = begin_of_value;
      end_of_old = end;
    }
    walker.skip_space();
    if (walker.here() == ',') walker.skip(1);
  }
  if (end_of_old > 0) return result.replace(begin_of_old, end_of_old - begin_of_old, value);
  return result.insert(end, (empty ? "" : ", ") + nlohmann::json(key).dump() + ": " + std::string(value));
}

}  // namespace unfold
