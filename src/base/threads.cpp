// The pool of worker threads behind `parallel`.
#include "base/threads.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <exception>
#include <memory>
#include <mutex>
#include <system_error>
#include <thread>
#include <vector>

#include "unfold/error.h"

namespace unfold {
namespace {

// Loads of a flag before a waiting thread lets others run: a few microseconds. The ticks of a recurrence follow each
// other faster than that.
constexpr int kSpins = 4000;

// How often it then looks again before it sleeps, each time letting other threads run: a millisecond or so. To wake it
// costs as much as a tick of a recurrence, and a step of training has dozens of jobs with a little work of one thread
// between them.
constexpr int kYields = 2000;

// True on workers, on a caller while it works on its own job, and where a thread is to work alone.
thread_local bool alone = false;

// Returns when the condition is true, or when it is time to sleep.
template <class Condition>
void look_for(const Condition& condition) {
  for (int i = 0; i < kSpins && !condition(); ++i) {
  }
  for (int i = 0; i < kYields && !condition(); ++i) std::this_thread::yield();
}

// One call of `parallel`. Tasks are begun in order, so every task before one that threw has been begun too: keeping the
// exception of the lowest task makes it the one a single thread would have met.
struct Job {
  Job(Index tasks, const std::function<void(Index)>& function) : count(tasks), task(function) {}

  void work() {
    for (Index i = next.fetch_add(1); i < count; i = next.fetch_add(1)) {
      try {
        task(i);
      } catch (...) {
        next.store(count);  // begin no further task
        const std::lock_guard lock(failure_mutex);
        if (i < failed) {
          failed = i;
          failure = std::current_exception();
        }
      }
    }
  }

  const Index count;
  const std::function<void(Index)>& task;
  std::atomic<Index> next{0};
  std::mutex failure_mutex;
  Index failed = count;
  std::exception_ptr failure;
};

// Workers join the open job when they see it, and leave it when its tasks are used up. The caller closes the job when
// its own share is done and waits only for workers that joined, so a worker that wakes late delays nobody. One word
// says all of that, and what is shared beside it is read once for a job: between cores each look at a changed line
// takes a tenth of a microsecond.
class Pool {
 public:
  explicit Pool(int workers) {
    for (int i = 0; i < workers; ++i) {
      try {
        workers_.emplace_back([this] { serve(); });
      } catch (const std::system_error&) {
        break;  // the system gives no more threads; fewer give the same results
      }
    }
  }

  ~Pool() {
    open(nullptr);
    for (std::thread& worker : workers_) worker.join();
  }

  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;

  /// The caller included.
  Index threads() const { return static_cast<Index>(workers_.size()) + 1; }

  void run(Job& job) {
    open(&job);
    {
      const Alone guard;
      job.work();
    }
    std::uint32_t state = state_.fetch_and(~kOpen) & ~kOpen;
    look_for([&] { return (state = state_.load()) % kOpen == 0; });
    for (; state % kOpen != 0; state = state_.load()) state_.wait(state);
  }

 private:
  // The state: workers inside the job, whether it is open, and how many were opened before, which may begin again at 0:
  // a worker that slept through as many jobs misses one more.
  static constexpr std::uint32_t kOpen = 1U << 12;
  static constexpr std::uint32_t kNext = kOpen << 1;

  static std::uint32_t number(std::uint32_t state) { return state / kNext; }

  void open(Job* job) {
    job_ = job;
    state_.store((number(state_.load()) + 1) * kNext + kOpen);
    state_.notify_all();
  }

  /// False where the job is closed already.
  bool join() {
    std::uint32_t state = state_.load();
    while ((state & kOpen) != 0) {
      if (state_.compare_exchange_weak(state, state + 1)) return true;
    }
    return false;
  }

  void serve() {
    const Alone guard;
    std::uint32_t seen = 0;  // number of the last job
    for (;;) {
      std::uint32_t state = 0;
      look_for([&] { return number(state = state_.load()) != seen; });
      for (; number(state) == seen; state = state_.load()) state_.wait(state);
      seen = number(state);
      if (!join()) continue;
      if (job_ == nullptr) return;
      job_->work();
      if ((state_.fetch_sub(1) - 1) % kNext == 0) state_.notify_all();
    }
  }

  std::atomic<std::uint32_t> state_{0};
  Job* job_ = nullptr;                // null where workers are to end; of who opens, and of workers who joined
  std::vector<std::thread> workers_;  // last: they use the members above
};

// Where one member threw, so that the others need not wait for it.
struct Abandoned {};

}  // namespace

// Where members wait for one another. Those of a loop over time arrive at nearly the same moment.
class Meeting {
 public:
  explicit Meeting(Index members) : members_(members) {}

  void wait() {
    const std::uint32_t round = round_.load();
    if (abandoned_.load()) throw Abandoned{};
    if (arrived_.fetch_add(1) + 1 == members_) {
      arrived_.store(0);
      round_.store(round + 1);
      round_.notify_all();
      return;
    }
    look_for([&] { return round_.load() != round; });
    round_.wait(round);
    if (abandoned_.load()) throw Abandoned{};
  }

  void abandon() {
    abandoned_.store(true);
    round_.fetch_add(1);
    round_.notify_all();
  }

 private:
  const Index members_;
  std::atomic<Index> arrived_{0};
  std::atomic<std::uint32_t> round_{0};
  std::atomic<bool> abandoned_{false};
};

void Member::wait() const {
  if (count_ > 1) meeting_.wait();
}

namespace {

int available_cores() { return std::max(1, static_cast<int>(std::thread::hardware_concurrency())); }

std::atomic<int>& wanted_threads() {
  static std::atomic<int> count{available_cores()};
  return count;
}

void run_here(Index count, const std::function<void(Index)>& task) {
  const Alone guard;
  for (Index i = 0; i < count; ++i) task(i);
}

// The one pool, while this thread has it: two unrelated threads may both have tasks, and the later one does its own
// alone rather than wait.
class Lease {
 public:
  Lease() : lock_(mutex(), std::defer_lock) {
    const int threads = thread_count();
    if (alone || threads == 1 || !lock_.try_lock()) return;
    static std::unique_ptr<Pool> pool;
    static int pool_threads = 0;
    if (pool == nullptr || pool_threads != threads) {
      pool = nullptr;
      pool = std::make_unique<Pool>(threads - 1);
      pool_threads = threads;
    }
    pool_ = pool.get();
  }
  /// Null where the caller is to work alone.
  Pool* pool() const { return pool_; }

 private:
  static std::mutex& mutex() {
    static std::mutex one;
    return one;
  }
  std::unique_lock<std::mutex> lock_;
  Pool* pool_ = nullptr;
};

void run(Pool& pool, Job& job) {
  pool.run(job);
  if (job.failure) std::rethrow_exception(job.failure);
}

}  // namespace

Alone::Alone() : before_(alone) { alone = true; }

Alone::~Alone() { alone = before_; }

int thread_count() { return wanted_threads().load(); }

int threads_here() { return alone ? 1 : thread_count(); }

void set_thread_count(int count) {
  if (count < 1) throw UsageError(fmt::format("the number of threads must be at least 1, found {}", count));
  wanted_threads().store(count);
}

void parallel(Index count, const std::function<void(Index)>& task) {
  if (count <= 1) return run_here(count, task);
  const Lease lease;
  if (lease.pool() == nullptr) return run_here(count, task);
  Job job(count, task);
  run(*lease.pool(), job);
}

void together(const std::function<void(const Member&)>& work) {
  const Lease lease;
  const Index members = lease.pool() == nullptr ? 1 : lease.pool()->threads();
  Meeting meeting(members);
  const std::function<void(Index)> task = [&](Index number) {
    try {
      work(Member(number, members, meeting));
    } catch (const Abandoned&) {
    } catch (...) {
      meeting.abandon();
      throw;
    }
  };
  if (members == 1) return run_here(1, task);
  Job job(members, task);
  run(*lease.pool(), job);
}

}  // namespace unfold
