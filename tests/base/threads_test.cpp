#include "base/threads.h"

#include <gtest/gtest.h>

#include <atomic>
#include <cmath>
#include <mutex>
#include <numeric>
#include <set>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "base/random.h"
#include "base/thread_count_kept.h"
#include "unfold/error.h"

namespace unfold {
namespace {

class Threads : public ::testing::Test {
 protected:
  const ThreadCountKept kept_;
};

TEST_F(Threads, DefaultIsAtLeastOneAndBelowOneIsRefused) {
  EXPECT_GE(thread_count(), 1);
  EXPECT_THROW(set_thread_count(0), UsageError);
  EXPECT_THROW(set_thread_count(-3), UsageError);
  set_thread_count(3);
  EXPECT_EQ(thread_count(), 3);
}

TEST_F(Threads, ATaskHasOneThread) {
  set_thread_count(2);
  EXPECT_EQ(threads_here(), 2);
  parallel(2, [](Index) { EXPECT_EQ(threads_here(), 1); });
  EXPECT_EQ(threads_here(), 2);
}

TEST_F(Threads, AnAloneThreadDoesEverythingItself) {
  set_thread_count(2);
  const auto here = std::this_thread::get_id();
  {
    const Alone alone;
    EXPECT_EQ(threads_here(), 1);
    parallel(20, [&](Index) { EXPECT_EQ(std::this_thread::get_id(), here); });
    together([&](const Member& member) { EXPECT_EQ(member.count(), 1); });
  }
  EXPECT_EQ(threads_here(), 2);
}

TEST_F(Threads, EachTaskRunsExactlyOnce) {
  for (const int threads : {1, 2, 3, 8}) {
    set_thread_count(threads);
    for (const Index count : {0, 1, 2, 7, 1000}) {
      std::vector<int> calls(static_cast<std::size_t>(count), 0);  // not atomic: a task called twice at once is a race
      parallel(count, [&](Index i) { ++calls[static_cast<std::size_t>(i)]; });
      for (const int n : calls) ASSERT_EQ(n, 1) << threads << " threads, " << count << " tasks";
    }
  }
}

TEST_F(Threads, ManyShortJobsFollowEachOther) {
  set_thread_count(4);
  std::vector<std::int64_t> sums(5, 0);
  for (int job = 0; job < 5000; ++job) {
    parallel(5, [&](Index i) { sums[static_cast<std::size_t>(i)] += i; });
  }
  for (std::size_t i = 0; i < sums.size(); ++i) EXPECT_EQ(sums[i], 5000 * static_cast<std::int64_t>(i));
}

// Two tasks that each wait for the other can only end if two threads work on them.
TEST_F(Threads, TasksReallyRunAtTheSameTime) {
  set_thread_count(2);
  std::atomic<int> arrived{0};
  parallel(2, [&](Index) {
    ++arrived;
    while (arrived.load() < 2) std::this_thread::yield();
  });
  EXPECT_EQ(arrived.load(), 2);
}

TEST_F(Threads, NestedCallsStayOnTheThreadOfTheirTask) {
  set_thread_count(4);
  std::atomic<int> calls{0};
  std::atomic<int> strangers{0};
  parallel(16, [&](Index) {
    const auto outer = std::this_thread::get_id();
    parallel(8, [&](Index) {
      ++calls;
      if (std::this_thread::get_id() != outer) ++strangers;
    });
  });
  EXPECT_EQ(calls.load(), 16 * 8);
  EXPECT_EQ(strangers.load(), 0);
}

TEST_F(Threads, TheExceptionOfTheLowestTaskIsRethrown) {
  for (const int threads : {1, 4}) {
    set_thread_count(threads);
    for (int repeat = 0; repeat < 200; ++repeat) {
      try {
        parallel(64, [](Index i) {
          if (i >= 5) throw std::runtime_error(std::to_string(i));
        });
        FAIL() << "nothing was thrown";
      } catch (const std::runtime_error& error) {
        ASSERT_STREQ(error.what(), "5");
      }
    }
    int after = 0;
    parallel(1, [&](Index) { ++after; });
    EXPECT_EQ(after, 1) << "the pool must serve on after an exception";
  }
}

// Whichever of two tasks throws first, the lower one's exception is kept.
TEST_F(Threads, TheExceptionOfTheLowestTaskIsRethrownWhicheverComesFirst) {
  set_thread_count(2);
  for (const Index first : {0, 1}) {
    for (int repeat = 0; repeat < 100; ++repeat) {
      std::atomic<int> begun{0};
      std::atomic<bool> thrown{false};
      try {
        parallel(2, [&](Index i) {
          ++begun;
          while (begun.load() < 2) std::this_thread::yield();
          if (i != first) {
            while (!thrown.load()) std::this_thread::yield();
            for (int wait = 0; wait < 20; ++wait) std::this_thread::yield();
          }
          thrown = true;
          throw std::runtime_error(std::to_string(i));
        });
        FAIL() << "nothing was thrown";
      } catch (const std::runtime_error& error) {
        ASSERT_STREQ(error.what(), "0");
      }
    }
  }
}

TEST_F(Threads, NoTaskIsBegunAfterAnExceptionOnOneThread) {
  set_thread_count(1);
  int begun = 0;
  EXPECT_THROW(parallel(10,
                        [&](Index i) {
                          ++begun;
                          if (i == 3) throw std::runtime_error("stop");
                        }),
               std::runtime_error);
  EXPECT_EQ(begun, 4);
}

TEST_F(Threads, CallersOnSeveralThreadsDoNotDisturbEachOther) {
  set_thread_count(3);
  std::vector<std::thread> callers;
  std::atomic<int> calls{0};
  for (int caller = 0; caller < 4; ++caller) {
    callers.emplace_back([&] {
      for (int job = 0; job < 200; ++job) parallel(6, [&](Index) { ++calls; });
    });
  }
  for (std::thread& caller : callers) caller.join();
  EXPECT_EQ(calls.load(), 4 * 200 * 6);
}

TEST_F(Threads, TheCountMayChangeBetweenJobs) {
  for (int round = 0; round < 20; ++round) {
    set_thread_count(1 + round % 5);
    std::mutex mutex;
    std::set<std::thread::id> seen;
    parallel(50, [&](Index) {
      const std::lock_guard lock(mutex);
      seen.insert(std::this_thread::get_id());
    });
    EXPECT_LE(seen.size(), static_cast<std::size_t>(1 + round % 5));
  }
}

// Sums of random numbers per chunk, then over chunks in order: the pattern of every parallel sum in the library.
TEST_F(Threads, ResultsHaveTheSameBitsForAnyNumberOfThreads) {
  const auto total = [] {
    std::vector<float> chunks(37);
    parallel(static_cast<Index>(chunks.size()), [&](Index chunk) {
      Random random(combine(11, static_cast<std::uint64_t>(chunk)));
      float sum = 0;
      for (int i = 0; i < 999; ++i) sum += static_cast<float>(random.normal());
      chunks[static_cast<std::size_t>(chunk)] = sum;
    });
    return std::accumulate(chunks.begin(), chunks.end(), 0.0F);
  };
  set_thread_count(1);
  const float alone = total();
  for (const int threads : {2, 3, 5, 8}) {
    set_thread_count(threads);
    EXPECT_EQ(total(), alone) << threads << " threads";
  }
}

TEST_F(Threads, MembersWorkAtOnceAndSeeWhatWasWrittenBeforeTheyMet) {
  for (const int threads : {1, 2, 3, 5}) {
    set_thread_count(threads);
    std::vector<int> written(static_cast<std::size_t>(threads), 0);  // not atomic: a meeting that fails is a race
    std::vector<int> wrong(static_cast<std::size_t>(threads), 0);
    together([&](const Member& member) {
      ASSERT_EQ(member.count(), threads);
      const auto mine = static_cast<std::size_t>(member.number());
      for (int round = 1; round <= 100; ++round) {
        written[mine] = round;
        member.wait();
        for (const int other : written) wrong[mine] += other != round;
        member.wait();
      }
    });
    for (const int count : wrong) EXPECT_EQ(count, 0) << threads << " threads";
  }
}

TEST_F(Threads, ATeamInsideATaskHasOneMember) {
  set_thread_count(3);
  parallel(3, [](Index) {
    together([](const Member& member) {
      EXPECT_EQ(member.count(), 1);
      EXPECT_EQ(threads_here(), 1);
      member.wait();  // for nobody
    });
  });
}

TEST_F(Threads, AMemberThatThrowsIsNotWaitedFor) {
  set_thread_count(4);
  for (int attempt = 0; attempt < 50; ++attempt) {
    try {
      together([&](const Member& member) {
        member.wait();
        if (member.number() == attempt % 4) throw std::runtime_error("the fault");
        for (;;) member.wait();
      });
      FAIL() << "nothing was thrown";
    } catch (const std::runtime_error& error) {
      EXPECT_STREQ(error.what(), "the fault");
    }
  }
  int tasks = 0;
  parallel(1, [&](Index) { ++tasks; });
  EXPECT_EQ(tasks, 1);
}

}  // namespace
}  // namespace unfold
