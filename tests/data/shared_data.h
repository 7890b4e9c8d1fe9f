// Data sets for measuring, in a folder beside the checkout that need not be there.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <string>

namespace unfold {

/// A file of ../shared/data.
inline std::filesystem::path shared_data(const std::string& file) {
  return std::filesystem::path(UNFOLD_SOURCE_DIR).parent_path() / "shared" / "data" / file;
}

}  // namespace unfold

/// Ends the test as skipped where the file is absent.
#define UNFOLD_NEEDS(file) \
  if (!std::filesystem::exists(file)) GTEST_SKIP() << "needs " << (file).string() << ", which is not there"
