// A fixed set of worker threads. The number of threads never changes a result: tasks are independent and each is done
// whole by one thread.
#pragma once

#include <functional>

#include "unfold/tensor.h"

namespace unfold {

/// Number of threads used by `parallel`, the caller included. Default: the cores this process may use.
int thread_count();
/// Threads that a `parallel` called here would use: 1 inside a task, or where the thread is `Alone`.
int threads_here();
/// Takes effect at the next `parallel`. Throws UsageError below 1.
void set_thread_count(int count);

/// Calls task(0) ... task(count - 1), each once, on all threads, and returns when all are done. Tasks are handed out in
/// order. After an exception no further task is begun; that of the lowest task is rethrown, as on one thread. A
/// `parallel` inside a task runs on that task's thread alone, and so does one called while another thread's is running.
void parallel(Index count, const std::function<void(Index)>& task);

/// While there is one, `parallel` and `together` of the thread that made it run on that thread alone.
class Alone {
 public:
  Alone();
  ~Alone();
  Alone(const Alone&) = delete;
  Alone& operator=(const Alone&) = delete;

 private:
  bool before_;
};

class Meeting;

/// One of several threads that do a piece of work together and wait for one another on the way.
class Member {
 public:
  Member(Index number, Index count, Meeting& meeting) : number_(number), count_(count), meeting_(meeting) {}
  Index number() const { return number_; }  // 0 ... count() - 1
  Index count() const { return count_; }
  /// Returns when every member has called it as often. What the others wrote before is then seen. Every member must
  /// call it the same number of times.
  void wait() const;

 private:
  Index number_, count_;
  Meeting& meeting_;
};

/// Calls work on all threads at the same time, once for each member, and returns when all are done: one member where
/// `threads_here` is 1, or another thread's tasks are running. After an exception the others leave at their next
/// `wait`, and it is rethrown.
void together(const std::function<void(const Member&)>& work);

}  // namespace unfold
