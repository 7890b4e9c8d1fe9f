#include "tasks/line_scores.h"

#include <fmt/core.h>

#include "base/line_reader.h"
#include "unfold/error.h"

namespace unfold {

void score_lines(const std::string& data, std::span<LoadedTextModel> models,
                 const std::function<void(std::span<const std::string>, const LineScores&)>& use) {
  LineReader reader(data);
  std::size_t read = 0;
  while (const auto lines = reader.next()) {
    LineScores scores;
    try {
      for (LoadedTextModel& loaded : models) {
        scores.push_back(score_texts(*loaded.model, loaded.vocabulary, *lines));
      }
    } catch (const InputError& error) {
      throw InputError(fmt::format("{}: lines {} to {}: {}", data, read + 1, read + lines->size(), error.what()));
    }
    read += lines->size();
    use(*lines, scores);
  }
}

}  // namespace unfold
