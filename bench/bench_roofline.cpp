// What is each kernel's bound on this machine, and what share of it is reached?
//
// First the machine: how fast a core, and all of them together, read and add floats from each level of the memory, and
// how many additions, multiply-adds and divisions they do, with the vectors of the instruction set in use
// (BACKSPIKE_ISA overrides). Then each kernel of kernel_case.cpp on one core: the time of its least work at those
// rates, by the one that takes longest, over the time that it takes. Markdown, as in docs/roofline.md.
//
//   bench_roofline

#include "kernel_case.hpp"
#include "machine/machine_rates.hpp"

#include <backspike/core/aligned.hpp>
#include <backspike/core/thread_pool.hpp>

#include <unistd.h>
#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <exception>
#include <functional>
#include <limits>
#include <string>
#include <thread>
#include <vector>

namespace {

using namespace backspike;
using bench::rate_loops;
using clock_type = std::chrono::steady_clock;

double seconds_of(const std::function<void()>& call) {
  const auto start = clock_type::now();
  call();
  return std::chrono::duration<double>(clock_type::now() - start).count();
}

/// Least seconds of a call, over batches long enough for the clock and shorter than a turn of the scheduler.
double seconds_a_call(const std::function<void()>& call) {
  call();
  const auto repeat = static_cast<std::size_t>(std::max(1.0, 5e-4 / std::max(seconds_of(call), 1e-9)));
  double least = std::numeric_limits<double>::infinity();
  for (std::size_t batch = 0; batch < 60; ++batch) {
    least = std::min(least, seconds_of([&] {
                       for (std::size_t k = 0; k < repeat; ++k) {
                         call();
                       }
                     }));
  }
  return least / static_cast<double>(repeat);
}

/// The rate of `threads` doing the same at once: `amount` each a call, over the time of the slowest.
double rate_of(std::size_t threads, double amount, const std::function<std::function<void()>()>& make) {
  std::vector<double> seconds(threads);
  std::vector<std::thread> running;
  for (std::size_t k = 0; k < threads; ++k) {
    running.emplace_back([&, k] { seconds[k] = seconds_a_call(make()); });
  }
  std::ranges::for_each(running, [](std::thread& t) { t.join(); });
  return static_cast<double>(threads) * amount / std::ranges::max(seconds);
}

struct level {
  std::string name;
  std::size_t capacity;         // bytes that fit
  std::size_t measured;         // bytes read again and again
  double one = 0.0, all = 0.0;  // bytes a second of one core, and of all
};

std::size_t cache_size(int name, std::size_t otherwise) {
  const long size = sysconf(name);
  return size > 0 ? static_cast<std::size_t>(size) : otherwise;
}

std::vector<level> levels_here() {
  const std::size_t l1 = cache_size(_SC_LEVEL1_DCACHE_SIZE, 32u << 10),
                    l2 = cache_size(_SC_LEVEL2_CACHE_SIZE, 1u << 20),
                    l3 = std::max(cache_size(_SC_LEVEL3_CACHE_SIZE, 16u << 20), 4 * l2);
  return {{"L1", l1, l1 / 2}, {"L2", l2, l2 / 2}, {"L3", l3, 3 * l2}, {"memory", ~std::size_t{0}, 128u << 20}};
}

struct machine {
  std::vector<level> levels = levels_here();
  double add[2]{}, multiply_add[2]{}, fused[2]{}, divide[2]{};  // a second; of one core, and of all
  std::size_t cores = available_processors();
};

void measure_level(level& l, const rate_loops& loops, std::size_t cores) {
  const std::size_t floats = l.measured / sizeof(float) / loops.stream_block * loops.stream_block;
  const auto make = [&]() -> std::function<void()> {
    return [&loops, data = aligned_vector<float>(floats, 1.0f)] { loops.stream_add(data.data(), data.size()); };
  };
  const double bytes = static_cast<double>(floats * sizeof(float));
  l.one = rate_of(1, bytes, make);
  l.all = rate_of(cores, bytes, make);
}

void measure_operation(double (&rate)[2], void (*loop)(std::size_t), std::size_t operations, std::size_t cores) {
  constexpr std::size_t times = 1000;
  const auto make = [&]() -> std::function<void()> { return [loop] { loop(times); }; };
  rate[0] = rate_of(1, static_cast<double>(times * operations), make);
  rate[1] = rate_of(cores, static_cast<double>(times * operations), make);
}

machine measure_machine(std::string_view isa) {
  machine m;
  const rate_loops& loops = bench::loops_of(isa, false);
  const rate_loops& fused = bench::loops_of(isa, true);
  for (level& l : m.levels) {
    measure_level(l, loops, m.cores);
  }
  measure_operation(m.add, loops.add, loops.operations, m.cores);
  measure_operation(m.multiply_add, loops.multiply_add, loops.operations, m.cores);
  measure_operation(m.fused, fused.multiply_add, fused.operations, m.cores);
  measure_operation(m.divide, loops.divide, loops.operations, m.cores);
  return m;
}

void print_machine(const machine& m, std::string_view isa) {
  std::printf("Instruction set of the kernels: %.*s; vectors of the rates: %s.\n\n", static_cast<int>(isa.size()),
              isa.data(), std::string(bench::loops_of(isa, false).isa).c_str());
  std::printf("| rate | working set | one core | %zu cores |\n| --- | --- | --- | --- |\n", m.cores);
  for (const level& l : m.levels) {
    std::printf("| read and add, %s | %zu KiB | %.1f GB/s | %.1f GB/s |\n", l.name.c_str(), l.measured >> 10,
                l.one * 1e-9, l.all * 1e-9);
  }
  const auto row = [](const char* name, const double(&rate)[2]) {
    std::printf("| %s | registers | %.1f G/s | %.1f G/s |\n", name, rate[0] * 1e-9, rate[1] * 1e-9);
  };
  row("additions", m.add);
  row("multiply-adds, rounded twice", m.multiply_add);
  row("multiply-adds, fused", m.fused);
  row("divisions", m.divide);
}

struct bound {
  std::string name;
  double seconds;
};

/// The resource whose share of the work takes longest on one core.
bound bound_of(const bench::kernel_work& w, const machine& m) {
  const level& l = *std::ranges::find_if(m.levels, [&](const level& at) { return w.working_set <= at.capacity; });
  const std::array bounds{bound{l.name + " stream", w.bytes / l.one},
                          bound{w.multiply_adds + w.fused > w.additions ? "multiply-adds" : "additions",
                                w.additions / m.add[0] + w.multiply_adds / m.multiply_add[0] + w.fused / m.fused[0]},
                          bound{"divisions", w.divisions / m.divide[0]}};
  return *std::ranges::max_element(bounds, {}, &bound::seconds);
}

void print_kernels(const machine& m, const kernels::table& table) {
  std::printf("\n| kernel | at | time | least work | bound | share reached |\n| --- | --- | --- | --- | --- | --- |\n");
  for (const bench::kernel_case& c : bench::kernel_cases()) {
    const bench::kernel_work work = c.make(table);
    const double seconds = seconds_a_call(work.run);
    const bound b = bound_of(work, m);
    std::printf("| %s | %s | %.2f us | %.2f us | %s | %.0f %% |\n", c.name.data(), c.what.data(), seconds * 1e6,
                b.seconds * 1e6, b.name.c_str(), 100.0 * b.seconds / seconds);
    std::fflush(stdout);
  }
}

}  // namespace

int main() {
  try {
    const kernels::table& table = *kernels::active_table().fused;  // the engine's default
    const machine m = measure_machine(table.name);
    print_machine(m, table.name);
    print_kernels(m, table);
  } catch (const std::exception& e) {
    std::fprintf(stderr, "bench_roofline: %s\n", e.what());
    return 1;
  }
  return 0;
}
