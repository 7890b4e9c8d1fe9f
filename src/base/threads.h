// A fixed set of worker threads. The number of threads never changes a result: tasks are independent and each is done
// whole by one thread.
#pragma once

#include <functional>

#include "unfold/tensor.h"

namespace unfold {

/// Number of threads used by `parallel`, the caller included. Default: the cores this process may use.
int thread_count();
/// Threads that a `parallel` called here would use: 1 inside a task.
int threads_here();
/// Takes effect at the next `parallel`. Throws UsageError below 1.
void set_thread_count(int count);

/// Calls task(0) ... task(count - 1), each once, on all threads, and returns when all are done. Tasks are handed out in
/// order. After an exception no further task is begun; that of the lowest task is rethrown, as on one thread. A
/// `parallel` inside a task runs on that task's thread alone, and so does one called while another thread's is running.
void parallel(Index count, const std::function<void(Index)>& task);

}  // namespace unfold
