// Metrics of labels against calculations by hand.
#include "tasks/metrics/labelling_metrics.h"

#include <gmock/gmock.h>

#include <cmath>

#include "base/expect_error.h"
#include "unfold/error.h"

namespace unfold {
namespace {

TEST(Confusion, GivesPrecisionRecallAndF1) {
  Confusion confusion(4);
  for (int i = 0; i < 3; ++i) confusion.add(0, 0);
  confusion.add(0, 1);
  confusion.add(1, 0);
  confusion.add(1, 1);
  confusion.add(2, 0);  // never right
  EXPECT_DOUBLE_EQ(confusion.accuracy(), 4.0 / 7);
  const Confusion::OfLabel zero = confusion.of(0);
  EXPECT_EQ(zero.occurs, 4);
  EXPECT_EQ(zero.predicted, 5);
  EXPECT_DOUBLE_EQ(zero.precision, 3.0 / 5);
  EXPECT_DOUBLE_EQ(zero.recall, 3.0 / 4);
  EXPECT_DOUBLE_EQ(zero.f1, 2 * 0.6 * 0.75 / (0.6 + 0.75));
  EXPECT_DOUBLE_EQ(confusion.of(1).f1, 0.5);
  EXPECT_EQ(confusion.of(2).f1, 0);
  EXPECT_DOUBLE_EQ(confusion.macro_f1(), (2.0 / 3 + 0.5 + 0) / 3);  // label 3 is nowhere
  expect_error<ContractError>([&] { confusion.add(4, 0); }, {"labels 4 and 0"});
}

TEST(Confusion, OfNothingIsZero) {
  EXPECT_EQ(Confusion(2).accuracy(), 0);
  EXPECT_EQ(Confusion(2).macro_f1(), 0);
}

TEST(ClassificationMetrics, TakeTheMostProbableLabel) {
  ClassificationMetrics metrics(3);  // the model knows two labels
  metrics.add(0, std::vector<double>{0.7, 0.3});
  metrics.add(1, std::vector<double>{0.5, 0.5});
  metrics.add(2, std::vector<double>{0.1, 0.9});
  EXPECT_EQ(metrics.confusion.count(0, 0), 1);
  EXPECT_EQ(metrics.confusion.count(1, 0), 1);
  EXPECT_EQ(metrics.confusion.count(2, 1), 1);
  EXPECT_DOUBLE_EQ(metrics.log_loss(), -(std::log(0.7) + std::log(0.5) + std::log(1e-15)) / 3);
}

TEST(TaggingMetrics, CountStepsSequencesAndUnknownWords) {
  TaggingMetrics metrics(2);
  const std::vector<double> sure = {0.9, 0.1, 0.2, 0.8};
  metrics.add(std::vector<std::int32_t>{0, 1}, std::vector<std::int32_t>{0, 1}, sure, {true, false});
  metrics.add(std::vector<std::int32_t>{1, -1}, std::vector<std::int32_t>{0, 1}, sure, {false, false});
  metrics.add(std::vector<std::int32_t>{-1}, std::vector<std::int32_t>{0}, std::vector<double>{1, 0}, {false});
  EXPECT_EQ(metrics.confusion.total(), 3);
  EXPECT_DOUBLE_EQ(metrics.confusion.accuracy(), 2.0 / 3);
  EXPECT_EQ(metrics.sequences, 2);
  EXPECT_DOUBLE_EQ(metrics.sequence_accuracy(), 0.5);
  EXPECT_EQ(metrics.unknown, 2);
  EXPECT_DOUBLE_EQ(metrics.unknown_accuracy(), 0.5);
  EXPECT_DOUBLE_EQ(metrics.log_loss(), -(std::log(0.9) + std::log(0.8) + std::log(0.1)) / 3);
}

}  // namespace
}  // namespace unfold
