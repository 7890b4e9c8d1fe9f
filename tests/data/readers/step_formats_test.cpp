// Formats whose sequences are made of words or vectors: CoNLL-U, .ts, long tables, IDX, piano rolls.
#include <gmock/gmock.h>

#include <set>

#include "base/expect_error.h"
#include "base/file.h"
#include "base/temporary_folder.h"
#include "data/readers/reading.h"
#include "unfold/error.h"

namespace unfold {
namespace {

using testing::ElementsAre;

std::string word(const std::string& id, const std::string& form, const std::string& tag) {
  return id + "\t" + form + "\t_\t" + tag + "\tXP\t_\t0\troot\t_\tSpaceAfter=No\n";
}

std::string sentences() {
  return "# text = Don't\n" + word("1-2", "Don't", "_") + word("1", "Do", "AUX") + word("1.1", "empty", "VERB") +
         word("2", "n't", "PART") + "\n# only a comment\n\n" + word("1", "Go", "_");
}

TEST(Conllu, ReadsWordsAndOneColumn) {
  const ReadText read = read_from(sentences(), "a.conllu");
  ASSERT_EQ(read.sequences.size(), 2U);
  EXPECT_THAT(read.sequences[0].words, ElementsAre("Do", "n't"));
  EXPECT_THAT(read.sequences[0].step_labels, ElementsAre(0, 1));
  EXPECT_THAT(read.sequences[1].step_labels, ElementsAre(Labels::kNone));
  EXPECT_THAT(read.labels, ElementsAre("AUX", "PART"));
  EXPECT_THAT(read_from(sentences(), "a.conllu", {.label = "xpos"}).labels, ElementsAre("XP"));
}

TEST(Conllu, IsWrittenByteForByteButForTheColumn) {
  EXPECT_EQ(written_with(sentences(), "a.conllu", {}, true), sentences());
  std::string changed =
      written_with("# c\r\n" + word("1-1", "a", "_") + word("1", "b", "NOUN"), "a.conllu", {"X"}, true);
  EXPECT_EQ(changed, "# c\r\n" + word("1-1", "a", "_") + word("1", "b", "X"));
  changed = written_with(word("1", "b", "NOUN"), "a.conllu", {"X"}, true, {}, true);
  EXPECT_EQ(changed, "1\tb\t_\tX\tXP\t_\t0\troot\t_\tSpaceAfter=No|Probability=0.750000\n");
}

TEST(Conllu, SaysWhatIsWrong) {
  expect_error<InputError>([] { read_from("# c\n1\ta\n", "a.conllu"); }, {"a.conllu:2:", "ten columns"});
  expect_error<InputError>([] { read_from(word("x", "a", "N"), "a.conllu"); }, {"a.conllu:1:", "a word's number"});
  const ReadOptions options{.label = "upso"};
  expect_error<UsageError>([&] { read_from(sentences(), "a.conllu", options); }, {"'upso'", "upos"});
}

constexpr const char* kSeries =
    "# about\n@problemName x\n@dimensions 2\n@classLabel true b a\n@data\n1,2,3:4,5,6:a\n7:?:b\n";

TEST(TimeSeries, HasChannelsOfAnyLength) {
  const ReadText read = read_from(kSeries, "x_TRAIN.ts");
  ASSERT_EQ(read.sequences.size(), 2U);
  EXPECT_EQ(read.sequences[0].values.shape(), Shape({3, 2}));
  EXPECT_THAT(values_of(read.sequences[0]), ElementsAre(1, 4, 2, 5, 3, 6));
  EXPECT_EQ(read.sequences[0].label, 1);
  EXPECT_EQ(read.sequences[1].values.shape(), Shape({1, 2}));
  EXPECT_TRUE(std::isnan(read.sequences[1].values[1]));
  EXPECT_THAT(read.labels, ElementsAre("b", "a"));  // as declared
}

TEST(TimeSeries, IsWrittenWithOtherClasses) {
  EXPECT_EQ(written_with(kSeries, "x.ts", {}), kSeries);
  EXPECT_EQ(written_with("@classLabel true a b\n@data\n1,2:a\r\n", "x.ts", {"b"}),
            "@classLabel true a b\n@data\n1,2:b\r\n");
  EXPECT_EQ(written_with("@classLabel true a b\n@data\n1:?\n", "x.ts", {"b"}, false, {}, true),
            "@classLabel true a b\n@data\n# b=0.750000,other=0.250000\n1:b\n");
}

TEST(TimeSeries, SaysWhatIsWrong) {
  const auto refuses = [](const std::string& text, const std::vector<std::string>& pieces) {
    expect_error<InputError>([&] { read_from(text, "x.ts"); }, pieces);
  };
  refuses("1,2\n", {"x.ts:1:", "@data"});
  refuses("@classLabel true a\n@data\n1,2:c\n", {"x.ts:3:", "'c'"});
  refuses("@dimensions 2\n@data\n1,2\n", {"x.ts:3:", "expected 2 channels", "found 1"});
  refuses("@data\n1,2:3\n", {"x.ts:2:", "channel 2 has 1 values"});
  refuses("@data\n1,x\n", {"x.ts:2:", "channel 1, value 2", "number"});
  refuses("@timestamps true\n@data\n", {"x.ts:1:", "time stamps"});
}

constexpr const char* kLong = "time,sequence_id,x,y,label\n1,a,1,2,u\n2,a,3,,v\n\n0,b,5,6,u\n";

TEST(LongTable, HasAStepInEachRow) {
  const ReadText read = read_from(kLong, "long.csv");
  ASSERT_EQ(read.sequences.size(), 2U);
  EXPECT_EQ(read.bytes, kLong);
  EXPECT_EQ(read.sequences[0].values.shape(), Shape({2, 2}));
  EXPECT_TRUE(std::isnan(read.sequences[0].values[3]));
  EXPECT_THAT(read.sequences[0].step_labels, ElementsAre(0, 1));
  EXPECT_EQ(read.sequences[0].label, Labels::kNone);
  EXPECT_EQ(read.sequences[1].label, 0);  // the same at all steps
}

TEST(LongTable, IsWrittenWithOtherLabels) {
  EXPECT_EQ(written_with(kLong, "long.csv", {}, true), kLong);
  EXPECT_EQ(written_with("sequence_id,x\na,1\na,2\nb,3\n", "l.csv", {"w", "z"}, true),
            "sequence_id,x,label\na,1,w\na,2,z\nb,3,w\n");
  EXPECT_EQ(written_with("sequence_id,x\na,1\na,2\n", "l.csv", {"w"}), "sequence_id,x,label\na,1,w\na,2,w\n");
}

TEST(LongTable, SaysWhatIsWrong) {
  expect_error<InputError>([] { read_from("sequence_id,x\na,1\nb,1\na,2\n", "l.csv"); }, {"l.csv:4:", "'a' goes on"});
  expect_error<InputError>([] { read_from("sequence_id,time,x\na,2,1\na,1,1\n", "l.csv"); }, {"l.csv:3:", "time 1"});
  expect_error<InputError>([] { read_from("sequence_id\na\n", "l.csv"); }, {"l.csv:1:", "--values"});
}

std::string idx(unsigned char type, const std::vector<unsigned char>& extents, const std::string& values) {
  std::string bytes = {0, 0, static_cast<char>(type), static_cast<char>(extents.size())};
  for (const unsigned char extent : extents) bytes += {0, 0, 0, static_cast<char>(extent)};
  return bytes + values;
}

const std::string kImages = idx(0x08, {2, 2, 3},
                                {0, 51, 102, static_cast<char>(153), static_cast<char>(204), -1,  //
                                 0, 0, 0, 0, 0, 51});

TEST(Idx, MakesRowsOrPixelsSteps) {
  const ReadText rows = read_from(kImages, "images");
  ASSERT_EQ(rows.sequences.size(), 2U);
  EXPECT_EQ(rows.sequences[0].values.shape(), Shape({2, 3}));
  EXPECT_THAT(values_of(rows.sequences[0]), ElementsAre(0, 0.2F, 0.4F, 0.6F, 0.8F, 1));
  const ReadText pixels = read_from(kImages, "images", {.pixels = true});
  EXPECT_EQ(pixels.sequences[0].values.shape(), Shape({6, 1}));
  EXPECT_EQ(values_of(pixels.sequences[0]), values_of(rows.sequences[0]));
}

TEST(Idx, PermutesThePixelsOfAllImagesAlike) {
  const ReadText plain = read_from(kImages, "images", {.pixels = true});
  const ReadText once = read_from(kImages, "images", {.permute = 3});
  EXPECT_EQ(values_of(once.sequences[0]), values_of(read_from(kImages, "images", {.permute = 3}).sequences[0]));
  std::set<std::vector<float>> orders;
  for (Index seed = 0; seed < 10; ++seed) {
    const std::vector<float> permuted = values_of(read_from(kImages, "images", {.permute = seed}).sequences[0]);
    EXPECT_THAT(permuted, testing::UnorderedElementsAreArray(values_of(plain.sequences[0])));
    orders.insert(permuted);
  }
  EXPECT_GT(orders.size(), 5U);
  // The pixel that alone is bright in the second image is the brightest one of the first.
  const std::vector<float> first = values_of(once.sequences[0]);
  const std::vector<float> second = values_of(once.sequences[1]);
  EXPECT_EQ(std::max_element(first.begin(), first.end()) - first.begin(),
            std::max_element(second.begin(), second.end()) - second.begin());
}

TEST(Idx, ShrinksByMeans) {
  const ReadText read = read_from(kImages, "images", {.shrink = 2});
  ASSERT_EQ(read.sequences[0].values.shape(), Shape({1, 1}));  // what is left over at the edge is dropped
  EXPECT_FLOAT_EQ(read.sequences[0].values[0], (0 + 0.2F + 0.6F + 0.8F) / 4);
}

TEST(Idx, FindsTheLabelsBesideTheImages) {
  const TemporaryFolder folder;
  const std::string images = (folder.path() / "t-images-idx3-ubyte").string();
  write_atomically(images, kImages);
  expect_error<InputError>([&] { read_sequences(images, {.labelled = true}); }, {"t-labels-idx1-ubyte"});
  write_atomically(folder.path() / "t-labels-idx1-ubyte", idx(0x08, {2}, "\x07\x03"));
  const SequenceData data = read_sequences(images);
  EXPECT_THAT(data.labels.names(), ElementsAre("3", "7"));
  EXPECT_EQ(data.sequences[0].label, 1);
}

TEST(Idx, ReadsEveryTypeAndRefusesDamage) {
  EXPECT_THAT(values_of(read_from(idx(0x0B, {1, 2}, {-1, -2, 0, 5}), "i").sequences[0]), ElementsAre(-2, 5));
  EXPECT_THAT(values_of(read_from(idx(0x0D, {1, 1}, {0x3F, static_cast<char>(0xC0), 0, 0}), "i").sequences[0]),
              ElementsAre(1.5F));
  expect_error<InputError>([] { read_from(kImages.substr(0, kImages.size() - 1), "i"); }, {"'i'", "2 x 2 x 3", "11"});
  expect_error<InputError>([] { read_from(idx(0x07, {1, 1}, "x"), "i"); }, {"0x07"});
  expect_error<InputError>([] { read_from(idx(0x08, {1}, "x"), "i"); }, {"--labels"});
}

TEST(PianoRoll, HasPartsOfPieces) {
  const ReadText read = read_from(R"({"train": [[[60, 21], []], [[108]]], "valid": [[[-1, 22]]]})", "m.json");
  ASSERT_EQ(read.sequences.size(), 3U);
  const Sequence& first = read.sequences[0];
  EXPECT_EQ(first.part, "train");
  ASSERT_EQ(first.values.shape(), Shape({2, 88}));
  EXPECT_EQ(first.values[0], 1);
  EXPECT_EQ(first.values[60 - 21], 1);
  const auto values = first.values.values();
  EXPECT_EQ(std::count(values.begin(), values.end(), 1.0F), 2);
  EXPECT_EQ(read.sequences[1].values[87], 1);
  EXPECT_EQ(read.sequences[2].part, "valid");
}

TEST(PianoRoll, SaysWhereItIsWrong) {
  expect_error<InputError>([] { read_from("{\"train\": [[[60], [109]]]}", "m.json"); }, {"m.json: train[0][1]", "109"});
  expect_error<InputError>([] { read_from("[1]", "m.json"); }, {"m.json: [0]", "a list of steps"});
  expect_error<InputError>([] { read_from("{\n", "m.json"); }, {"m.json: not JSON", "line 2"});
}

}  // namespace
}  // namespace unfold
