// Naive Bayes against a calculation by hand.
#include "unfold/naive_bayes.h"

#include <gmock/gmock.h>

#include "base/expect_error.h"
#include "unfold/error.h"

namespace unfold {
namespace {

using testing::DoubleEq;
using testing::ElementsAre;

const std::vector<std::vector<std::string>> kExamples = {{"good", "film", "good"}, {"bad", "film"}, {"bad"}};
const std::vector<std::int32_t> kLabels = {0, 1, 1};

TEST(NaiveBayes, IsWhatTheHandCalculates) {
  const NaiveBayes model = NaiveBayes::count(kExamples, kLabels, 2, 1.0);
  // F = 3. p(0) = 1/3, p(good | 0) = 3/6, p(film | 0) = 2/6, p(bad | 0) = 1/6.
  //        p(1) = 2/3, p(good | 1) = 1/6, p(film | 1) = 2/6, p(bad | 1) = 3/6.
  const double zero = 1.0 / 3 * (3.0 / 6) * (3.0 / 6) * (1.0 / 6);
  const double one = 2.0 / 3 * (1.0 / 6) * (1.0 / 6) * (3.0 / 6);
  EXPECT_THAT(model.probabilities(std::vector<std::string>{"good", "bad", "good", "never"}),
              ElementsAre(DoubleEq(zero / (zero + one)), DoubleEq(one / (zero + one))));
  EXPECT_THAT(model.probabilities({}), ElementsAre(DoubleEq(1.0 / 3), DoubleEq(2.0 / 3)));
}

TEST(NaiveBayes, SmoothsByWhatItIsTold) {
  const NaiveBayes model = NaiveBayes::count(kExamples, kLabels, 2, 0.5);
  const double zero = 1.0 / 3 * (0.5 / 4.5);
  const double one = 2.0 / 3 * (2.5 / 4.5);
  EXPECT_THAT(model.probabilities(std::vector<std::string>{"bad"}),
              ElementsAre(DoubleEq(zero / (zero + one)), DoubleEq(one / (zero + one))));
}

TEST(NaiveBayes, StandsThousandsOfFeatures) {
  const NaiveBayes model = NaiveBayes::count(kExamples, kLabels, 2, 1.0);
  EXPECT_THAT(model.probabilities(std::vector<std::string>(100000, "good")), ElementsAre(1.0, 0.0));
}

TEST(NaiveBayes, NeverChoosesALabelWithoutExamples) {
  const NaiveBayes model = NaiveBayes::count(kExamples, kLabels, 3, 1.0);
  EXPECT_EQ(model.probabilities(std::vector<std::string>{"good"})[2], 0);
}

TEST(NaiveBayes, RefusesWhatItCannotCount) {
  expect_error<InputError>([] { NaiveBayes::count({}, {}, 2, 1.0); }, {"no labelled example"});
  expect_error<UsageError>([] { NaiveBayes::count(kExamples, kLabels, 2, 0.0); }, {"above 0"});
  expect_error<ContractError>([] { NaiveBayes::count(kExamples, kLabels, 1, 1.0); }, {"label 1"});
  expect_error<InputError>([] { NaiveBayes(NaiveBayes::Tables{{0.5}, NamedRows(1)}); }, {"do not belong together"});
}

}  // namespace
}  // namespace unfold
