// Formats with a text in each sequence: labelled lines, plain lines, tables, JSON Lines.
#include <gmock/gmock.h>

#include "base/expect_error.h"
#include "base/file.h"
#include "base/temporary_folder.h"
#include "data/readers/reading.h"
#include "unfold/error.h"

namespace unfold {
namespace {

using testing::ElementsAre;

TEST(LabelText, IsALabelAndATextOnEachLine) {
  const ReadText read = read_from("pos a good  film \n\nneg\tbad\r\npos x", "mr.all");
  ASSERT_EQ(read.sequences.size(), 3U);
  EXPECT_EQ(read.kind, SequenceKind::kText);
  EXPECT_THAT(read.labels, ElementsAre("pos", "neg"));
  EXPECT_EQ(read.sequences[0].text, "a good  film");
  EXPECT_EQ(read.sequences[1].text, "bad");
  EXPECT_EQ(read.sequences[1].label, 1);
  EXPECT_EQ(read.sequences[1].line, 3);
  EXPECT_EQ(read.sequences[2].text, "x");
}

TEST(LabelText, ReadsWhatIsNotUtf8AsWindows1252) {
  const auto reader = read_sequences_of("1 caf\xE9 \x93ol\xE9\x94\n0 caf\xC3\xA9\n", "old.all");
  EXPECT_EQ(reader->next()->sequence->text, "café “olé”");
  EXPECT_EQ(reader->next()->sequence->text, "café");
  EXPECT_EQ(reader->windows_1252_lines(), 1);
}

TEST(LabelText, NamesTheLineThatHasNoText) {
  expect_error<InputError>([] { read_from("a b\nlonely\n", "mr.all"); }, {"mr.all:2:", "a label, a space and a text"});
}

TEST(LabelText, IsWrittenWithOtherLabels) {
  const std::string text = "pos a good  film \n\nneg\tbad\r\npos x";
  EXPECT_EQ(written_with(text, "mr.all", {}), text);
  EXPECT_EQ(written_with(text, "mr.all", {"?"}), "? a good  film \n\n?\tbad\r\n? x");
  EXPECT_EQ(written_with("a b\n", "mr.all", {"c"}, false, {}, true), "c c=0.750000,other=0.250000 b\n");
}

TEST(PlainText, HasNoLabelAndIsWrittenBehindOne) {
  const ReadOptions options{.format = "text"};
  EXPECT_EQ(read_from("one text\n", "lines.txt", options).sequences[0].label, Labels::kNone);
  EXPECT_EQ(written_with("one text\n\nlast", "lines.txt", {"a"}, false, options), "a one text\n\na last");
  EXPECT_EQ(written_with("one text\n", "lines.txt", {"DET", "NOUN"}, true, options), "DET NOUN\n");
}

TEST(LabelFolder, ReadsFilesNamedByTheirLabel) {
  const TemporaryFolder folder;
  write_atomically(folder.path() / "Greek.txt", "Adamou\nSavas\n");
  write_atomically(folder.path() / "Czech.txt", "Abl");
  const SequenceData data = read_sequences(folder.path().string());
  ASSERT_EQ(data.sequences.size(), 3U);
  EXPECT_THAT(data.labels.names(), ElementsAre("Czech", "Greek"));
  EXPECT_EQ(data.sequences[0].text, "Abl");
  EXPECT_EQ(data.sequences[2].text, "Savas");
  EXPECT_EQ(data.sequences[2].label, 1);
}

constexpr const char* kTable = "id,text,label\n1,\"one, \"\"two\"\"\nthree\",a\n2,plain,b\r\n\n3,,a\n";

TEST(Table, QuotesFieldsAsRfc4180) {
  const ReadText read = read_from(kTable, "table.csv");
  ASSERT_EQ(read.sequences.size(), 3U);
  EXPECT_EQ(read.sequences[0].text, "one, \"two\"\nthree");
  EXPECT_EQ(read.sequences[1].text, "plain");
  EXPECT_EQ(read.sequences[1].line, 4);
  EXPECT_EQ(read.sequences[2].text, "");
  EXPECT_THAT(read.labels, ElementsAre("a", "b"));
  EXPECT_EQ(read.bytes, kTable);
}

TEST(Table, IsWrittenWithOtherLabels) {
  EXPECT_EQ(written_with(kTable, "table.csv", {}), kTable);
  EXPECT_EQ(written_with(kTable, "table.csv", {"x,\"y"}),
            "id,text,label\n1,\"one, \"\"two\"\"\nthree\",\"x,\"\"y\"\n2,plain,\"x,\"\"y\"\r\n\n3,,\"x,\"\"y\"\n");
}

TEST(Table, MakesPlaceForLabelsAndScores) {
  EXPECT_EQ(written_with("text\nhello\n", "t.csv", {"a"}), "text,label\nhello,a\n");
  EXPECT_EQ(written_with("label\ttext\n\thello\n", "t.tsv", {"a"}, false, {}, true),
            "label\ttext\tscores\na\thello\ta=0.750000,other=0.250000\n");
}

TEST(Table, TakesItsColumnsByName) {
  const ReadOptions options{.label = "class", .values = {"t1", "t0"}};
  const ReadText read = read_from("t0,class,t1\n1.5,x,-2e1\n?,y,\n", "table.csv", options);
  EXPECT_EQ(read.kind, SequenceKind::kVectors);
  EXPECT_THAT(values_of(read.sequences[0]), ElementsAre(-20.0F, 1.5F));
  EXPECT_EQ(read.sequences[0].values.shape(), Shape({2, 1}));
  EXPECT_THAT(values_of(read.sequences[1]), testing::Each(testing::IsNan()));
  EXPECT_THAT(read.labels, ElementsAre("x", "y"));
}

TEST(Table, SaysWhatIsWrong) {
  expect_error<InputError>([] { read_from("a,text\n1,2,3\n", "t.csv"); }, {"t.csv:2:", "expected 2 fields", "found 3"});
  expect_error<InputError>([] { read_from("text\n\"a\nb\n", "t.csv"); }, {"t.csv:2:", "not closed"});
  expect_error<InputError>([] { read_from("text\n\"a\"b\n", "t.csv"); }, {"t.csv:2:", "closing quote"});
  expect_error<InputError>([] { read_from("text,text\n", "t.csv"); }, {"t.csv:1:", "two columns"});
  expect_error<InputError>([] { read_from("a,label\nx,1\n", "t.csv"); }, {"t.csv:2:", "column 'a'", "number"});
  const ReadOptions options{.label = "lable"};
  expect_error<InputError>([&] { read_from("text,label\n", "t.csv", options); }, {"t.csv:1:", "mean 'label'"});
}

TEST(JsonLines, HoldTextsWordsOrNumbers) {
  EXPECT_EQ(read_from("{\"text\": \"caf\\u00e9\", \"label\": 3}\n", "a.jsonl").sequences[0].text, "café");
  const ReadText words = read_from(R"({"tokens": ["a", "b"], "label": ["X", null]})", "a.jsonl");
  EXPECT_THAT(words.sequences[0].words, ElementsAre("a", "b"));
  EXPECT_THAT(words.sequences[0].step_labels, ElementsAre(0, Labels::kNone));
  const ReadText vectors = read_from("{\"values\": [[1, 2], [null, 4], [5, 6]]}\n{\"values\": []}", "a.jsonl");
  EXPECT_EQ(vectors.sequences[0].values.shape(), Shape({3, 2}));
  EXPECT_TRUE(std::isnan(vectors.sequences[0].values[2]));
  EXPECT_EQ(vectors.sequences[1].values.shape(), Shape({0, 2}));
}

TEST(JsonLines, AreWrittenWithOtherLabelsAndNothingElseChanged) {
  const std::string text = "{ \"label\":\"a\", \"text\" : \"x, \\\"y\\\" {\", \"n\":1.50 }\n{\"text\":\"z\"}\r\n";
  EXPECT_EQ(written_with(text, "a.jsonl", {"b\""}),
            "{ \"label\":\"b\\\"\", \"text\" : \"x, \\\"y\\\" {\", \"n\":1.50 }\n{\"text\":\"z\", \"label\": "
            "\"b\\\"\"}\r\n");
  EXPECT_EQ(written_with("{\"text\": \"z\", \"label\": [1, \"]\"]}\n", "a.jsonl", {"b"}, true),
            "{\"text\": \"z\", \"label\": [\"b\"]}\n");
  EXPECT_EQ(written_with("{\"text\": \"z\"}", "a.jsonl", {"b"}, false, {}, true),
            "{\"text\": \"z\", \"label\": \"b\", \"scores\": {\"b\": 0.750000, \"other\": 0.250000}}");
}

TEST(JsonLines, SayWhatIsWrong) {
  expect_error<InputError>([] { read_from("{\"text\": 1", "a.jsonl"); }, {"a.jsonl:1:", "not JSON"});
  expect_error<InputError>([] { read_from("{\"text\": \"a\"}\n[]", "a.jsonl"); }, {"a.jsonl:2:", "a JSON object"});
  expect_error<InputError>([] { read_from("{\"txt\": 1}", "a.jsonl"); }, {"a.jsonl:1:", "'text'", "--text"});
  expect_error<InputError>([] { read_from("{\"values\": [[1], [1, 2]]}", "a.jsonl"); }, {"expected 1 numbers"});
  expect_error<InputError>([] { read_from("{\"tokens\": [\"a\"], \"label\": []}", "a.jsonl"); },
                           {"0 labels for 1 steps"});
}

TEST(Formats, AreNamedOrRefused) {
  const ReadOptions unknown{.format = "conlu"};
  expect_error<UsageError>([&] { read_from("x", "x", unknown); }, {"mean 'conllu'"});
  expect_error<InputError>([] { read_from("", "x.csv"); }, {"x.csv is empty"});
}

}  // namespace
}  // namespace unfold
