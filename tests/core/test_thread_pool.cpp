#include <backspike/core/thread_pool.hpp>

#include <gtest/gtest.h>
#include <sched.h>

#include <atomic>
#include <chrono>
#include <cstdint>
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

}  // namespace
}  // namespace backspike
