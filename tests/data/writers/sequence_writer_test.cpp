// Sequences of vectors, written and read again.
#include "unfold/sequence_writer.h"

#include <gmock/gmock.h>

#include <cmath>

#include "data/readers/reading.h"

namespace unfold {
namespace {

using testing::ElementsAre;

std::string file_of(const std::string& format, const std::vector<std::string>& columns,
                    const std::vector<Tensor>& sequences) {
  const auto writer = make_sequence_writer(format, columns);
  std::string text = writer->begin();
  for (std::size_t i = 0; i < sequences.size(); ++i) text += writer->sequence(sequences[i], "s" + std::to_string(i), 2);
  return text + writer->end();
}

const std::vector<Tensor> kNumbers = {Tensor({2, 2}, std::vector<float>{1.5F, -2, 0.1F, 1e-7F}),
                                      Tensor({1, 2}, std::vector<float>{3, 4})};

void expect_numbers(const ReadText& read) {
  ASSERT_EQ(read.sequences.size(), 2U);
  EXPECT_THAT(read.sequences[0].values.values(), ElementsAre(1.5F, -2, 0.1F, 1e-7F));
  EXPECT_THAT(read.sequences[1].values.values(), ElementsAre(3, 4));
}

TEST(SequenceWriter, TheLongTableComesBackWithItsNames) {
  const std::string text = file_of("long", {"a,b", "c"}, kNumbers);
  EXPECT_EQ(text.substr(0, text.find('\n')), "sequence_id,time,\"a,b\",c");
  EXPECT_THAT(text, testing::HasSubstr("\ns0,3,0.1,"));
  const ReadText read = read_from(text, "x.csv");
  expect_numbers(read);
  EXPECT_EQ(read.sequences[1].name, "s1");
}

TEST(SequenceWriter, JsonLinesComeBack) {
  expect_numbers(read_from(file_of("jsonl", {"a", "b"}, kNumbers), "x.jsonl"));
}

TEST(SequenceWriter, WhatIsMissingStaysMissing) {
  const std::vector<Tensor> one = {Tensor({2, 1}, std::vector<float>{NAN, 1})};
  for (const auto& [format, name] : {std::pair("long", "x.csv"), std::pair("jsonl", "x.jsonl")}) {
    const ReadText read = read_from(file_of(format, {"a"}, one), name);
    ASSERT_EQ(read.sequences.size(), 1U) << format;
    EXPECT_TRUE(std::isnan(read.sequences[0].values[0]));
    EXPECT_EQ(read.sequences[0].values[1], 1);
  }
}

TEST(SequenceWriter, PianoRollsNameTheNotes) {
  EXPECT_EQ(file_of("piano-roll", {"60", "64"},
                    {Tensor({2, 2}, std::vector<float>{1, 1, 0, 0}), Tensor({1, 2}, std::vector<float>{0, 1})}),
            "[[[60, 64], []],\n[[64]]]\n");
  const auto reader = read_sequences_of("{\"test\": [[[21, 108], []]]}", "x.json");
  const std::string text = file_of("piano-roll", reader->features(), {reader->next()->sequence->values});
  EXPECT_EQ(text, "[[[21, 108], []]]\n");
  EXPECT_EQ(reader->format(), "piano-roll");
}

TEST(SequenceWriter, OtherFormatsBecomeALongTable) {
  EXPECT_EQ(file_of("ts", {"x"}, {Tensor({1, 1}, std::vector<float>{5})}), "sequence_id,time,x\ns0,2,5\n");
}

}  // namespace
}  // namespace unfold
