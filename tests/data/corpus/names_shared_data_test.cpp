// The names of the lectures, as sequences: one symbol at the start and end of each.
#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <string>
#include <vector>

#include "data/shared_data.h"
#include "unfold/corpus.h"

namespace unfold {
namespace {

TEST(Names, HaveThePairsAndTheBigramLossOfTheLectures) {
  const auto file = shared_data("names/makemore_names.txt");
  UNFOLD_NEEDS(file);
  const std::vector<std::string> files = {file.string()};
  const Vocabulary vocabulary =
      Vocabulary::build("abcdefghijklmnopqrstuvwxyz", Level::kChar, {.division = {Division::Kind::kLines}});
  const std::vector<std::int32_t> tokens = encode_files(files, {}, vocabulary).tokens.all();
  ASSERT_EQ(tokens.size() - 1, 228'146u);
  std::map<std::pair<std::int32_t, std::int32_t>, double> pairs;
  std::map<std::int32_t, double> singles;
  for (std::size_t i = 0; i + 1 < tokens.size(); ++i) {
    ++pairs[{tokens[i], tokens[i + 1]}];
    ++singles[tokens[i]];
  }
  double nats = 0;
  for (const auto& [pair, count] : pairs) nats -= count * std::log(count / singles[pair.first]);
  EXPECT_NEAR(nats / 228'146, 2.4540, 1e-4);
}

}  // namespace
}  // namespace unfold
