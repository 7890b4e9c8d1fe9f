// Tests that run on several numbers of threads.
#pragma once

#include "base/threads.h"

namespace unfold {

/// Puts the number of threads back where it was, however a test ends.
class ThreadCountKept {
 public:
  ThreadCountKept() = default;
  ~ThreadCountKept() { set_thread_count(before_); }
  ThreadCountKept(const ThreadCountKept&) = delete;
  ThreadCountKept& operator=(const ThreadCountKept&) = delete;

 private:
  const int before_ = thread_count();
};

}  // namespace unfold
