// The wall holds: crashes, endless loops, memory and nonsense inside become errors outside.

#include <backspike/core/error.hpp>
#include <backspike/core/interruption.hpp>
#include <backspike/core/resources.hpp>
#include <backspike/data/checkpoint.hpp>

#include "io/scratch.hpp"
#include "io/wall/wall.hpp"
#include "io/wall/wall_transfer.hpp"

#include <gmock/gmock.h>

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <limits>
#include <new>
#include <numeric>
#include <stdexcept>
#include <thread>

namespace backspike {
namespace {

using testing::AllOf;
using testing::HasSubstr;

constexpr std::uint64_t mebibyte = std::uint64_t{1} << 20;
constexpr read_limits usual{64 * mebibyte, 20, 100.0};

struct numbers {
  std::vector<double> values;
  std::string text;
};

template <class Archive, class Numbers>
void members(Archive& a, Numbers& n) {
  a(n.values), a(n.text);
}
void transfer(wall_sink& sink, const numbers& n) { members(sink, n); }
void transfer(wall_source& source, numbers& n) { members(source, n); }

numbers read_with(const std::function<numbers()>& inside, const read_limits& limits = usual) {
  return read_behind_wall<numbers>("data/x.h5", "HDF5", limits, inside);
}

template <class Error>
std::string refusal(const std::function<void()>& inside, const read_limits& limits = usual) {
  return message_of<Error>([&] {
    read_with(
        [&] {
          inside();
          return numbers{};
        },
        limits);
  });
}

/// Keeps the compiler from leaving out what has no result.
template <class T>
void use(T* value) {
  asm volatile("" : : "g"(value) : "memory");
}

std::size_t open_descriptors() {
  std::size_t count = 0;
  for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) {
    ++count;
  }
  return count;
}

class Wall : public scratch {};

TEST_F(Wall, WhatWasReadComesBackWhole) {
  for (const std::size_t count : {std::size_t{0}, std::size_t{1}, std::size_t{1000000}}) {
    const auto got = read_with([&] {
      numbers n{std::vector<double>(count), std::string(count / 2, 'x') + '\0'};
      std::iota(n.values.begin(), n.values.end(), 0.5);
      return n;
    });
    ASSERT_EQ(got.values.size(), count);
    EXPECT_EQ(got.text.size(), count / 2 + 1);
    for (std::size_t k = 0; k < count; ++k) {
      ASSERT_EQ(got.values[k], static_cast<double>(k) + 0.5);
    }
  }
}

TEST_F(Wall, ErrorsKeepTheirTypesAndTheirParts) {
  const auto same = [](const auto& error) {
    using type = std::decay_t<decltype(error)>;
    EXPECT_EQ(refusal<type>([&] { throw error; }), error.what());
  };
  same(value_error("read", "label", "7", "0 to 3"));
  same(shape_error("read", "x", "[3]", "[4]"));
  same(config_error("a.toml", 3, "data.path", "is not there"));
  same(missing_data_error("a", "install it"));
  same(format_error("a.h5", "labels", "damaged"));
  same(format_error("a.h5", "", "damaged"));
  same(file_error("open", "a.h5", "denied"));
  same(checkpoint_error("a.h5", "of another network"));
  same(resource_error("read", 5 * mebibyte, 3 * mebibyte, "have less"));
  EXPECT_THAT(refusal<resource_error>([] { throw std::length_error("vector"); }), HasSubstr("data/x.h5"));
  EXPECT_THAT(refusal<internal_error>([] { throw std::logic_error("our mistake"); }), HasSubstr("our mistake"));
  EXPECT_THAT(refusal<internal_error>([] { throw 7; }), HasSubstr("data/x.h5"));
  try {
    read_with([]() -> numbers { throw value_error("read", "label", "7", "0 to 3"); });
    FAIL();
  } catch (const value_error& e) {
    EXPECT_EQ(e.argument + e.value + e.accepted, "label70 to 3");
  }
}

TEST_F(Wall, ACrashIsAnErrorThatNamesFileAndReader) {
  const auto crashed = AllOf(HasSubstr("data/x.h5: damaged"), HasSubstr("reader (HDF5) crashed"));
  EXPECT_THAT(refusal<format_error>([] { ::raise(SIGSEGV); }), AllOf(crashed, HasSubstr("SIGSEGV")));
  EXPECT_THAT(refusal<format_error>([] { std::abort(); }), AllOf(crashed, HasSubstr("SIGABRT")));
  EXPECT_THAT(refusal<format_error>([] { ::_exit(0); }), HasSubstr("broke off"));
  EXPECT_THAT(refusal<format_error>([]() noexcept { ::kill(::getpid(), SIGBUS); }), HasSubstr("SIGBUS"));
}

TEST_F(Wall, AnEndlessLoopEnds) {
  const read_limits short_time{64 * mebibyte, 1, 100.0};
  const auto loop = [] {
    for (volatile int k = 0;;) {
      k = k + 1;
    }
  };
  EXPECT_THAT(refusal<format_error>(loop, short_time), HasSubstr("did not end within 1 s of work"));
}

TEST_F(Wall, WaitingForEverEnds) {
  const auto start = std::chrono::steady_clock::now();
  const read_limits short_time{64 * mebibyte, 20, 0.3};
  const auto wait = [] {
    while (true) {
      ::pause();
    }
  };
  EXPECT_THAT(refusal<format_error>(wait, short_time), HasSubstr("did not end within 0.3 s"));
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(20));
}

/// Reads what a child sends that has a byte ready every 40 ms, sooner than the wall loses patience with silence; whole
/// after 20 s.
void read_drips(const read_limits& limits) {
  constexpr int bytes = 500;
  run_behind_wall({"data/x.h5", "HDF5", limits,
                   [](wall_sink& sink) {
                     sink.begin_item();
                     for (int k = 0; k < bytes; ++k) {
                       sink.finish();  // sends a byte at once
                       std::this_thread::sleep_for(std::chrono::milliseconds(40));
                     }
                   },
                   [](wall_source& source) {
                     source.begin_item();
                     for (int k = 0; k < bytes; ++k) {
                       std::uint8_t byte = 0;
                       source(byte);
                     }
                   }});
}

TEST_F(Wall, BytesThatDripInDoNotPutTheEndOff) {
  EXPECT_THAT(message_of<format_error>([] {
                read_drips({64 * mebibyte, 20, 0.3});
              }),
              HasSubstr("did not end within 0.3 s"));
}

struct interruption : std::exception {};
std::atomic<int> asked{0};

TEST_F(Wall, AnInterruptionEndsTheChild) {
  const auto start = std::chrono::steady_clock::now();
  asked = 0;
  set_interruption_check([] {
    if (++asked == 3) {
      throw interruption();
    }
  });
  EXPECT_THROW(read_with([]() -> numbers {
                 while (true) {
                   ::pause();
                 }
               }),
               interruption);
  asked = 0;
  EXPECT_THROW(read_drips(usual), interruption);
  set_interruption_check(nullptr);
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(20));
  EXPECT_EQ(::waitpid(-1, nullptr, WNOHANG), -1) << "a child is left";
}

/// Until nothing is left, not even a few bytes.
void use_up_memory() {
  for (std::size_t bytes = 16 * mebibyte; bytes > 0; bytes /= 2) {
    while (void* piece = std::malloc(bytes)) {
      use(piece);
    }
  }
}

TEST_F(Wall, NothingIsAllocatedOnceAnItemHasBegun) {
#if defined(BACKSPIKE_SANITIZED)
  GTEST_SKIP() << "sanitizers end the process where memory ends";
#endif
  checkpoint sent, got;
  sent.experiment = std::string(100000, 'x');
  sent.parameters.push_back({"weight", {200, 300}, std::vector<float>(60000, 0.5f)});
  for (int k = 0; k < 1000; ++k) {
    sent.scalars[std::string(200, 'x') + std::to_string(k)] = k;
  }
  sent.data_digests = {{"test", 1}, {"train", 2}};
  run_behind_wall({"data/x.h5", "HDF5", usual,
                   [&](wall_sink& sink) {
                     sink.begin_item();
                     use_up_memory();
                     transfer(sink, sent);
                   },
                   [&](wall_source& source) {
                     source.begin_item();
                     transfer(source, got);
                   }});
  EXPECT_EQ(got.scalars, sent.scalars);
  EXPECT_EQ(got.data_digests, sent.data_digests);
  EXPECT_EQ(got.experiment, sent.experiment);
  ASSERT_EQ(got.parameters.size(), 1u);
  EXPECT_EQ(got.parameters[0].values, sent.parameters[0].values);
}

TEST_F(Wall, MemoryHasALimit) {
#if defined(BACKSPIKE_SANITIZED)
  GTEST_SKIP() << "sanitizers end the process where memory ends";
#endif
  const auto text = refusal<resource_error>([] {
    for (std::size_t k = 0; k < 1000; ++k) {
      auto* piece = new char[mebibyte];
      piece[k] = 'x';
      use(piece);
    }
  });
  EXPECT_THAT(text,
              AllOf(HasSubstr("data/x.h5"), HasSubstr("more than the 64.0 MiB"), HasSubstr("BACKSPIKE_FILE_MEMORY")));
  EXPECT_EQ(read_with([] { return numbers{std::vector<double>(4 * mebibyte), ""}; }).values.size(), 4 * mebibyte);
}

TEST_F(Wall, NothingThatComesThroughIsBelieved) {
  const auto sent = [&](const auto& inside, const auto& outside) {
    run_behind_wall({"data/x.h5", "HDF5", usual, inside, outside});
  };
  const auto item = [](const std::function<void(wall_sink&)>& more) {
    return [more](wall_sink& sink) {
      sink.begin_item();
      more(sink);
    };
  };
  const auto take_numbers = [](wall_source& source) {
    std::vector<double> values;
    source.begin_item();
    source(values);
  };
  const auto take_texts = [](wall_source& source) {
    std::vector<std::string> texts;
    source.begin_item();
    source(texts);
  };
  for (const std::uint64_t length : {usual.memory / 8 + 1, std::numeric_limits<std::uint64_t>::max()}) {
    const auto lie = item([&](wall_sink& sink) { sink(length); });
    EXPECT_THROW(sent(lie, take_numbers), resource_error);
    EXPECT_THROW(sent(lie, take_texts), resource_error);
  }
  EXPECT_THROW(sent(item([](wall_sink& sink) { sink(std::uint64_t{3}); }), take_numbers), format_error) << "cut off";
  EXPECT_THROW(sent([](wall_sink& sink) { sink(std::uint8_t{9}); }, take_numbers), format_error) << "no such tag";
  EXPECT_THROW(sent(item([](wall_sink& sink) { sink(std::vector<double>{1.0}), sink(std::uint8_t{1}); }), take_numbers),
               format_error)
      << "more than was to come";
  EXPECT_THROW(sent([](wall_sink&) {}, take_numbers), format_error) << "nothing";
}

TEST_F(Wall, OneFileAtATimeAndNoneIsWritten) {
#if defined(BACKSPIKE_SANITIZED)
  GTEST_SKIP() << "sanitizers need descriptors of their own";
#endif
  put(at("a"), "aa");
  put(at("b"), "bb");
  const auto open = [&](const char* name) { return ::open(at(name).c_str(), O_RDONLY); };
  const auto got = read_with([&] {
    numbers n;
    const int a = open("a");
    n.values = {static_cast<double>(a), static_cast<double>(open("b"))};
    ::close(a);
    n.values.push_back(open("b"));
    ::close(static_cast<int>(n.values[2]));
    const int c = ::open(at("c").c_str(), O_WRONLY | O_CREAT, 0600);
    n.values.push_back(static_cast<double>(::write(c, "c", 1)));
    return n;
  });
  EXPECT_GT(got.values[0], 0.0);
  EXPECT_EQ(got.values[1], -1.0) << "while the first is open";
  EXPECT_GT(got.values[2], 0.0);
  EXPECT_EQ(got.values[3], -1.0);
  EXPECT_EQ(bytes_of(at("c")), "");
}

TEST_F(Wall, NothingOfTheParentIsUsedUp) {
  const auto before = open_descriptors();
  std::FILE* file = std::fopen(at("log").c_str(), "w");
  std::fputs("once", file);  // waits in a buffer, of which the child has a copy
  for (int k = 0; k < 20; ++k) {
    read_with([] { return numbers{}; });
    refusal<format_error>([] { ::raise(SIGSEGV); });
  }
  std::fclose(file);
  EXPECT_EQ(bytes_of(at("log")), "once");
  EXPECT_EQ(open_descriptors(), before);
  EXPECT_EQ(::waitpid(-1, nullptr, WNOHANG), -1) << "a child is left";
  EXPECT_EQ(errno, ECHILD);
}

TEST_F(Wall, HandlersOfTheParentDoNotMatter) {
  const auto ignored = std::signal(SIGCHLD, SIG_IGN);  // the system then forgets how children ended
  EXPECT_EQ(read_with([] { return numbers{{1.0}, "a"}; }).text, "a");
  EXPECT_THAT(refusal<format_error>([] { ::raise(SIGSEGV); }), HasSubstr("broke off"));
  std::signal(SIGCHLD, ignored);
  static std::atomic<int> handled{0};
  const auto handler = std::signal(SIGABRT, [](int) { ++handled; });
  EXPECT_THAT(refusal<format_error>([] { std::abort(); }), HasSubstr("SIGABRT"));
  std::signal(SIGABRT, handler);
  EXPECT_EQ(handled, 0);
}

/// What `body` returns in a child of this process, as its exit status.
int status_of(const std::function<int()>& body) {
  const pid_t child = ::fork();
  if (child == 0) {
    ::_exit(body());
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  return status;
}

TEST_F(Wall, StandardStreamsMayBeClosed) {
  const int status = status_of([] {
    for (int stream = 0; stream < 3; ++stream) {
      ::close(stream);
    }
    return read_with([] { return numbers{{1.0, 2.0}, "a"}; }).values.size() == 2 ? 7 : 1;
  });
  EXPECT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 7);
}

TEST_F(Wall, TheChildDoesNotOutliveItsParent) {
  ASSERT_EQ(::prctl(PR_SET_CHILD_SUBREAPER, 1), 0);  // a child without a parent becomes ours
  const pid_t parent = ::fork();
  if (parent == 0) {
    read_with([]() -> numbers {
      ::kill(::getppid(), SIGKILL);
      while (true) {
        ::pause();
      }
    });
    ::_exit(1);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(parent, &status, 0), parent);
  EXPECT_EQ(WTERMSIG(status), SIGKILL);
  EXPECT_GT(::waitpid(-1, &status, 0), 0) << "the child of the child";
  EXPECT_EQ(WTERMSIG(status), SIGKILL);
  ::prctl(PR_SET_CHILD_SUBREAPER, 0);
}

TEST_F(Wall, ManyThreadsReadAtOnceWhileOthersAllocate) {
  std::atomic<bool> done{false};
  std::atomic<int> right{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 2; ++t) {
    threads.emplace_back([&] {
      while (!done) {
        use(std::make_unique<std::vector<std::string>>(50, std::string(100, 'x')).get());
      }
    });
  }
  for (int t = 0; t < 3; ++t) {
    threads.emplace_back([&, t] {
      for (int k = 0; k < 20; ++k) {
        const auto got = read_with([&] { return numbers{std::vector<double>(1000, t + k), std::to_string(k)}; });
        right += got.values.size() == 1000 && got.values[999] == t + k && got.text == std::to_string(k) ? 1 : 0;
      }
    });
  }
  for (std::size_t t = 2; t < threads.size(); ++t) {
    threads[t].join();
  }
  done = true;
  threads[0].join();
  threads[1].join();
  EXPECT_EQ(right, 60);
}

TEST_F(Wall, LimitsAreAMultipleOfTheSizeAndCanBeSet) {
  constexpr std::uint64_t gibibyte = 1024 * mebibyte;
  const auto small = limits_for(1000), large = limits_for(10 * mebibyte);
  EXPECT_LE(small.memory, gibibyte + 64000);
  EXPECT_LE(large.memory, gibibyte + 640 * mebibyte);
  EXPECT_GE(large.memory, small.memory);
  EXPECT_EQ(small.seconds, 11u) << "whole seconds, as the system counts them";
  EXPECT_EQ(large.seconds, 21u);
  EXPECT_EQ(small.deadline, 110.0);
  ::setenv("BACKSPIKE_FILE_MEMORY", "0.25", 1);
  ::setenv("BACKSPIKE_FILE_SECONDS", "3", 1);
  EXPECT_EQ(limits_for(10 * mebibyte).memory, gibibyte / 4);
  EXPECT_EQ(limits_for(10 * mebibyte).seconds, 3u);
  ::setenv("BACKSPIKE_FILE_MEMORY", "0.0625", 1);
  ::setenv("BACKSPIKE_FILE_SECONDS", "0.3", 1);
  EXPECT_EQ(limits_for(1000).seconds, 1u);
  EXPECT_EQ(limits_for(1000, 4).memory, gibibyte / 4) << "for each of four files";
  EXPECT_EQ(limits_for(1000, 4).seconds, 2u);
  ::setenv("BACKSPIKE_FILE_MEMORY", "1000000", 1);
  const auto most = limits_for(1000).memory;
  EXPECT_LT(static_cast<double>(most), 0.7 * static_cast<double>(available_memory())) << "both sides hold a result";
  ::setenv("BACKSPIKE_FILE_MEMORY", "-1", 1);
  ::setenv("BACKSPIKE_FILE_SECONDS", "soon", 1);
  EXPECT_EQ(limits_for(1000).seconds, 11u);
  EXPECT_GT(limits_for(1000).memory, gibibyte / 4);
  ::unsetenv("BACKSPIKE_FILE_MEMORY");
  ::unsetenv("BACKSPIKE_FILE_SECONDS");
}

}  // namespace
}  // namespace backspike
