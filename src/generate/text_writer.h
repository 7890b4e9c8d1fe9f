// Hands on a text as it is written: never half a character, and nothing of what may turn out to be a stop string.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace unfold {

class TextWriter {
 public:
  using Write = std::function<void(std::string_view)>;

  /// `whole_characters`: the text is UTF-8, and its characters are handed on whole. `write` may be empty.
  TextWriter(std::vector<std::string> stops, bool whole_characters, Write write);

  /// More of the text. Returns false where a stop string was found: the text ends before the first of them.
  bool add(std::string_view piece);
  /// The text ends here: hands on what was held back.
  void finish();

  const std::string& text() const { return text_; }

 private:
  void hand_on(std::size_t count);
  std::size_t held_back() const;

  std::vector<std::string> stops_;
  bool whole_characters_;
  Write write_;
  std::string waiting_;  // to be handed on
  std::string text_;     // that was
};

}  // namespace unfold
