// The errors a caller can catch. The library throws these and nothing else, never prints, never exits.
#pragma once

#include <stdexcept>
#include <string>

namespace unfold {

/// Base of every exception the library throws.
class Error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// The caller broke a contract of the API; the message shows the shapes or values that disagree.
class ContractError : public Error {
 public:
  using Error::Error;
};

/// Something the user supplied is wrong (a file, a cell, a model); the message says where it is,
/// what was expected, what was found and what to do next. The command line exits with 1.
class InputError : public Error {
 public:
  using Error::Error;
};

/// The command line was used wrongly. The command line exits with 2.
class UsageError : public Error {
 public:
  using Error::Error;
};

}  // namespace unfold
