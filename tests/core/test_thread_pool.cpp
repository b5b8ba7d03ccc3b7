// The thread pool: every item once, exceptions, forks, busy machines, limits and interruption.

#include <backspike/core/interruption.hpp>
#include <backspike/core/thread_pool.hpp>

#include "core/system/sanitizers.hpp"

#include <gtest/gtest.h>
#include <sched.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <memory>
#include <mutex>
#include <set>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace backspike {
namespace {

/// Restricts this process's processors for the life of the object.
class single_processor {
 public:
  single_processor() {
    sched_getaffinity(0, sizeof before_, &before_);
    cpu_set_t one;
    CPU_ZERO(&one);
    for (std::size_t cpu = 0; cpu < CPU_SETSIZE && CPU_COUNT(&one) == 0; ++cpu) {
      if (CPU_ISSET(cpu, &before_)) {
        CPU_SET(cpu, &one);
      }
    }
    sched_setaffinity(0, sizeof one, &one);
  }
  ~single_processor() { sched_setaffinity(0, sizeof before_, &before_); }
  single_processor(const single_processor&) = delete;
  single_processor& operator=(const single_processor&) = delete;

 private:
  cpu_set_t before_{};
};

TEST(ThreadPool, HasTheThreadsAskedFor) {
  EXPECT_EQ(thread_pool(1).threads(), 1u);
  EXPECT_EQ(thread_pool(3).threads(), 3u);
  EXPECT_EQ(thread_pool(0).threads(), available_processors());
}

TEST(ThreadPool, CountsTheProcessorsOfTheAffinityMask) {
  EXPECT_GE(available_processors(), 1u);
  const single_processor restricted;
  EXPECT_EQ(available_processors(), 1u);
  EXPECT_EQ(thread_pool().threads(), 1u);
}

TEST(ThreadPool, RunsEveryItemOnce) {
  for (const std::size_t threads : {1u, 2u, 7u}) {
    thread_pool pool(threads);
    for (const std::size_t items : {0u, 1u, 2u, 6u, 7u, 8u, 1000u}) {
      std::vector<int> visits(items, 0);  // plain: an item has one owner
      pool.for_each(items, [&](std::size_t item, std::size_t) { ++visits[item]; });
      EXPECT_EQ(visits, std::vector<int>(items, 1)) << threads << " threads, " << items << " items";
    }
  }
}

TEST(ThreadPool, WorkerNumbersAreBelowTheThreadCountAndNeverSharedAtOneTime) {
  thread_pool pool(4);
  std::vector<std::atomic<int>> inside(4);
  std::atomic<bool> wrong = false;
  pool.for_each(2000, [&](std::size_t, std::size_t worker) {
    if (worker >= 4 || inside[worker].fetch_add(1) != 0) {
      wrong = true;
      return;
    }
    std::this_thread::yield();
    inside[worker].fetch_sub(1);
  });
  EXPECT_FALSE(wrong);
}

TEST(ThreadPool, UsesTheCallersThreadAndOthers) {
  thread_pool pool(2);
  std::mutex mutex;
  std::set<std::thread::id> seen;
  // Either thread waits for the other, so that one fast thread cannot take both items.
  std::atomic<int> arrived = 0;
  pool.for_each(2, [&](std::size_t, std::size_t) {
    ++arrived;
    while (arrived < 2) {
      std::this_thread::yield();
    }
    const std::lock_guard lock(mutex);
    seen.insert(std::this_thread::get_id());
  });
  EXPECT_EQ(seen.size(), 2u);
  EXPECT_EQ(seen.count(std::this_thread::get_id()), 1u);
}

TEST(ThreadPool, WithOneThreadRunsInOrderOnTheCaller) {
  thread_pool pool(1);
  std::vector<std::size_t> order;
  pool.for_each(5, [&](std::size_t item, std::size_t worker) {
    EXPECT_EQ(worker, 0u);
    order.push_back(item);
  });
  EXPECT_EQ(order, (std::vector<std::size_t>{0, 1, 2, 3, 4}));
}

TEST(ThreadPool, WritesOfTheBodyAreVisibleAfterwardsAndBeforehand) {
  thread_pool pool(3);
  std::vector<std::uint64_t> value(64, 1);
  for (std::uint64_t round = 0; round < 200; ++round) {
    value[round % 64] += round;  // by the caller, between rounds
    pool.for_each(value.size(), [&](std::size_t item, std::size_t) { value[item] = value[item] * 3 + 1; });
  }
  std::vector<std::uint64_t> expected(64, 1);
  for (std::uint64_t round = 0; round < 200; ++round) {
    expected[round % 64] += round;
    for (auto& x : expected) {
      x = x * 3 + 1;
    }
  }
  EXPECT_EQ(value, expected);
}

TEST(ThreadPool, RethrowsTheExceptionOfAnItem) {
  for (const std::size_t threads : {1u, 4u}) {
    thread_pool pool(threads);
    try {
      pool.for_each(100, [](std::size_t item, std::size_t) {
        if (item == 37) {
          throw std::runtime_error("item " + std::to_string(item));
        }
      });
      FAIL() << "nothing was thrown with " << threads << " threads";
    } catch (const std::runtime_error& e) {
      EXPECT_STREQ(e.what(), "item 37");
    }
  }
}

TEST(ThreadPool, SkipsTheRemainingItemsAfterAnException) {
  thread_pool pool(2);
  std::atomic<std::size_t> done = 0;
  const auto body = [&](std::size_t item, std::size_t) {
    if (item == 0) {
      throw std::runtime_error("stop");
    }
    ++done;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  };
  EXPECT_THROW(pool.for_each(100000, body), std::runtime_error);
  EXPECT_LT(done, 50000u);
}

TEST(ThreadPool, OneOfSeveralExceptionsArrivesAndNoneLingers) {
  thread_pool pool(4);
  for (int round = 0; round < 100; ++round) {
    EXPECT_THROW(pool.for_each(16, [](std::size_t, std::size_t) { throw std::length_error("all of them"); }),
                 std::length_error);
    std::atomic<int> count = 0;
    EXPECT_NO_THROW(pool.for_each(16, [&](std::size_t, std::size_t) { ++count; }));
    ASSERT_EQ(count, 16);
  }
}

// Many short rounds on more threads than processors: workers are still waking up when the round is already over.
TEST(ThreadPool, SurvivesManyShortRoundsOnMoreThreadsThanProcessors) {
  const std::size_t threads = 4 * available_processors() + 3;
  thread_pool pool(threads);
  std::vector<std::uint32_t> sum(5, 0);
  constexpr std::uint32_t rounds = 2000;
  for (std::uint32_t round = 0; round < rounds; ++round) {
    pool.for_each(round % 6, [&](std::size_t item, std::size_t) { ++sum[item]; });
  }
  for (std::uint32_t item = 0; item < 5; ++item) {
    std::uint32_t expected = 0;
    for (std::uint32_t round = 0; round < rounds; ++round) {
      expected += round % 6 > item ? 1 : 0;
    }
    EXPECT_EQ(sum[item], expected) << "item " << item;
  }
}

TEST(ThreadPool, PoolsWorkSideBySide) {
  std::vector<std::thread> users;
  std::atomic<std::uint64_t> total = 0;
  for (int user = 0; user < 4; ++user) {
    users.emplace_back([&] {
      thread_pool pool(3);
      for (int round = 0; round < 100; ++round) {
        pool.for_each(50, [&](std::size_t item, std::size_t) { total += item; });
      }
    });
  }
  for (auto& user : users) {
    user.join();
  }
  EXPECT_EQ(total, 4u * 100u * (49u * 50u / 2u));
}

TEST(ThreadPool, EndsWhetherItWorkedOrNot) {
  for (int k = 0; k < 50; ++k) {
    thread_pool idle(8);
    thread_pool used(8);
    used.for_each(3, [](std::size_t, std::size_t) {});
  }
}

/// The exit code of a child that runs `body`, which ends it by _exit; -1 if it does not end within a minute.
template <class Body>
int in_child(const Body& body) {
  const pid_t child = ::fork();
  if (child == 0) {
    body();
    ::_exit(99);
  }
  for (int k = 0; k < 6000; ++k) {
    int status = 0;
    if (::waitpid(child, &status, WNOHANG) == child) {
      return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
  return -1;
}

std::uint64_t sum_on(thread_pool& pool) {
  std::vector<std::uint64_t> squares(100);
  pool.for_each(squares.size(), [&](std::size_t item, std::size_t) { squares[item] = item * item; });
  std::uint64_t sum = 0;
  for (const std::uint64_t x : squares) {
    sum += x;
  }
  return sum;
}

#if defined(BACKSPIKE_THREAD_SANITIZER)
#define SKIP_UNDER_THREAD_SANITIZER() GTEST_SKIP() << "the thread sanitizer refuses threads in a child of fork()"
#else
#define SKIP_UNDER_THREAD_SANITIZER()
#endif

// multiprocessing of Python forks processes that have used a pool before.
TEST(ThreadPool, WorksInAChildOfFork) {
  SKIP_UNDER_THREAD_SANITIZER();
  thread_pool pool(3);
  const std::uint64_t sum = sum_on(pool);
  EXPECT_EQ(in_child([&] { ::_exit(sum_on(pool) == sum && pool.threads() == 3 ? 0 : 1); }), 0);
  EXPECT_EQ(in_child([&] {
              EXPECT_EQ(in_child([&] { ::_exit(sum_on(pool) == sum ? 0 : 1); }), 0);  // a grandchild
              ::_exit(sum_on(pool) == sum && !::testing::Test::HasFailure() ? 0 : 1);
            }),
            0);
  EXPECT_EQ(sum_on(pool), sum);
}

TEST(ThreadPool, EndsInAChildOfForkWhetherItWorkedThereOrNot) {
  SKIP_UNDER_THREAD_SANITIZER();
  auto pool = std::make_unique<thread_pool>(4);
  sum_on(*pool);
  EXPECT_EQ(in_child([&] {
              pool.reset();
              ::_exit(0);
            }),
            0);
  EXPECT_EQ(in_child([&] {
              sum_on(*pool);
              pool.reset();
              ::_exit(0);
            }),
            0);
}

TEST(ThreadPool, WorksInAChildThatWasForkedWhileThePoolWasAtWork) {
  SKIP_UNDER_THREAD_SANITIZER();
  thread_pool pool(3);
  std::atomic<bool> inside = false, forked = false;
  std::thread user([&] {
    pool.for_each(3, [&](std::size_t, std::size_t) {
      inside = true;
      while (!forked) {
        std::this_thread::yield();
      }
    });
  });
  while (!inside) {
    std::this_thread::yield();
  }
  EXPECT_EQ(in_child([&] { ::_exit(sum_on(pool) > 0 ? 0 : 1); }), 0);
  forked = true;
  user.join();
}

// A limit on the address space: the stacks of more threads do not fit.
TEST(ThreadPool, HasFewerThreadsWhereTheSystemRefusesThem) {
#if defined(BACKSPIKE_SANITIZED)
  GTEST_SKIP() << "a sanitizer needs the address space";
#endif
  EXPECT_EQ(in_child([] {
              rlimit limit{};
              ::getrlimit(RLIMIT_AS, &limit);
              limit.rlim_cur = rlim_t{512} << 20;
              ::setrlimit(RLIMIT_AS, &limit);
              thread_pool pool(1000);
              const std::size_t threads = pool.threads();
              ::_exit(threads < 1000 && threads > 1 && sum_on(pool) == 328350 ? 0 : 1);
            }),
            0);
}

/// Something else that wants the processor, for the life of the object.
class busy_neighbour {
 public:
  busy_neighbour()
      : thread_([this] {
          while (!done_) {
          }
        }) {}
  ~busy_neighbour() {
    done_ = true;
    thread_.join();
  }
  busy_neighbour(const busy_neighbour&) = delete;
  busy_neighbour& operator=(const busy_neighbour&) = delete;

 private:
  std::atomic<bool> done_ = false;
  std::thread thread_;
};

void set_policy(int policy) {
  const sched_param none{};
  ::sched_setscheduler(0, policy, &none);
}

double seconds_of_short_rounds(thread_pool& pool) {
  const auto begin = std::chrono::steady_clock::now();
  std::vector<std::uint32_t> sum(4, 0);
  for (int round = 0; round < 300; ++round) {
    pool.for_each(sum.size(), [&](std::size_t item, std::size_t) { ++sum[item]; });
  }
  EXPECT_EQ(sum, std::vector<std::uint32_t>(4, 300));
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

// The workers of this pool get the processor only when nobody else wants it, as on a machine that is busy.
TEST(ThreadPool, DoesNotWaitForWorkersThatGetNoProcessor) {
  const single_processor restricted;
  set_policy(SCHED_IDLE);
  thread_pool pool(4);  // threads inherit the policy
  set_policy(SCHED_OTHER);
  if (::sched_getscheduler(0) != SCHED_OTHER) {
    GTEST_SKIP() << "the system does not let this process leave SCHED_IDLE";
  }
  thread_pool alone(1);
  const busy_neighbour neighbour;
  const double one = seconds_of_short_rounds(alone), four = seconds_of_short_rounds(pool);
  EXPECT_LT(four, 10 * one + 0.5) << "a round that waits for every worker takes 10 ms or more here";
}

// Whether rounds before were short or not: a long one is shared.
TEST(ThreadPool, SharesALongRoundAfterManyShortOnes) {
  thread_pool pool(2);
  for (int round = 0; round < 100; ++round) {
    pool.for_each(2, [](std::size_t, std::size_t) {});
  }
  std::mutex mutex;
  std::set<std::thread::id> seen;
  pool.for_each(50, [&](std::size_t, std::size_t) {
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
    const std::lock_guard lock(mutex);
    seen.insert(std::this_thread::get_id());
  });
  EXPECT_EQ(seen.size(), 2u);
}

TEST(ThreadLimit, HoldsForPoolsThatSayNothing) {
  const std::size_t all = available_processors();
  {
    const thread_limit one(1);
    EXPECT_EQ(thread_pool().threads(), 1u);
    EXPECT_EQ(thread_pool(3).threads(), 3u);
    const thread_limit more(4);
    EXPECT_EQ(thread_pool().threads(), 1u);
    std::size_t elsewhere = 0;
    std::thread([&] { elsewhere = thread_pool().threads(); }).join();
    EXPECT_EQ(elsewhere, all);
  }
  const thread_limit none(0);
  EXPECT_EQ(thread_pool().threads(), all);
}

struct asked_to_stop : std::exception {};

/// Sets the check for the life of the object.
class stopping_check {
 public:
  stopping_check() {
    set_interruption_check([] { throw asked_to_stop(); });
  }
  ~stopping_check() { set_interruption_check(nullptr); }
  stopping_check(const stopping_check&) = delete;
  stopping_check& operator=(const stopping_check&) = delete;
};

/// The check is asked every 50 ms at most: a loop of a quarter of a second meets it.
void work_for_a_while(thread_pool& pool) {
  pool.for_each(50, [](std::size_t, std::size_t) { std::this_thread::sleep_for(std::chrono::milliseconds(10)); });
}

TEST(Interruption, EndsALoopOfAnyNumberOfThreads) {
  for (const std::size_t threads : {1u, 3u}) {
    thread_pool pool(threads);
    const stopping_check stop;
    EXPECT_THROW(work_for_a_while(pool), asked_to_stop) << threads;
  }
}

TEST(Interruption, LeavesAloneWhatMustNotEndHalfWay) {
  thread_pool pool(2);
  const stopping_check stop;
  {
    const uninterrupted whole;
    EXPECT_NO_THROW(work_for_a_while(pool));
  }
  EXPECT_THROW(work_for_a_while(pool), asked_to_stop);
}

}  // namespace
}  // namespace backspike
