// Expecting an exception with a message that holds given pieces.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace unfold {

/// Runs `action`, which must throw ErrorKind, and checks that its message holds every piece.
template <class ErrorKind, class Action>
void expect_error(const Action& action, const std::vector<std::string>& pieces) {
  try {
    action();
  } catch (const ErrorKind& error) {
    for (const std::string& piece : pieces) {
      EXPECT_NE(std::string(error.what()).find(piece), std::string::npos)
          << "no '" << piece << "' in: " << error.what();
    }
    return;
  }
  ADD_FAILURE() << "nothing was thrown";
}

}  // namespace unfold
