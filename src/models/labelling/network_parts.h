// What the files of networks that label have in common, beside their header: vectors,
// standardised input, and the self-test.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "models/safetensors.h"
#include "unfold/preparation.h"

namespace unfold {

void store_vector(const std::string& name, const std::vector<float>& values, TensorFile& file);
/// Throws InputError where there are not `size` numbers of that name.
std::vector<float> take_vector(const std::string& name, Index size, TensorFile& file);

void store_standardisation(const Standardisation& standardisation, TensorFile& file);
/// Throws InputError where the file does not hold what store_standardisation wrote.
Standardisation read_standardisation(TensorFile& file);

/// The steps of the made sequence that a network labels for its self-test.
inline constexpr Index kSelfTestSteps = 8;

/// The probabilities that a network gave it when it was saved. Throws InputError where one is not finite.
void store_self_test(const std::vector<double>& probabilities, TensorFile& file);
/// `found`: what it gives now. Throws InputError where that differs.
void expect_self_test(const std::vector<double>& found, const TensorFile& file);

}  // namespace unfold
