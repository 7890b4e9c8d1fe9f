// Naive Bayes on counted features: what classifiers that learn are compared with.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "unfold/named_rows.h"
#include "unfold/tensor.h"

namespace unfold {

/// The multinomial model: p(label | features) is proportional to p(label) prod_i p(f_i | label), with
///
///   p(label) = n(label) / N,   p(f | label) = (n(f, label) + a) / (n(label's features) + a F)
///
/// for F different features (McCallum and Nigam 1998). Features that were never counted say nothing.
class NaiveBayes {
 public:
  struct Tables {
    std::vector<double> log_prior;  // [K]
    NamedRows features;             // log p(f | label), [K]
    bool operator==(const Tables&) const = default;
  };

  /// Counts what each example has, a feature as often as it stands there. `smoothing` is a, above 0. Throws InputError
  /// where there is no example, UsageError for another a, ContractError for a label that is not in [0, label_count).
  static NaiveBayes count(std::span<const std::vector<std::string>> features, std::span<const std::int32_t> labels,
                          Index label_count, double smoothing);

  /// Throws InputError for tables that do not belong together.
  explicit NaiveBayes(Tables tables);

  Index labels() const { return static_cast<Index>(tables_.log_prior.size()); }
  const Tables& tables() const { return tables_; }

  /// [K] p(label | features): sums to 1.
  std::vector<double> probabilities(std::span<const std::string> features) const;

 private:
  Tables tables_;
};

}  // namespace unfold
