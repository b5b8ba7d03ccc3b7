// How many instructions does each main kernel take? tools/instruction_counts.py runs this under callgrind.
//
//   count_kernels          the names of the kernels, one a line
//   count_kernels KERNEL   one call of it to warm up, and one inside counted_call, which callgrind collects

#include "kernel_case.hpp"

#include <algorithm>
#include <cstdio>
#include <exception>

namespace {

using namespace backspike;

[[gnu::noinline]] void counted_call(const bench::kernel_work& work) {
  work.run();
  asm volatile("");  // not a tail call: collecting ends when this returns
}

}  // namespace

int main(int count, char** arguments) {
  try {
    const auto cases = bench::kernel_cases();
    if (count < 2) {
      std::ranges::for_each(cases, [](const auto& c) { std::puts(c.name.data()); });
      return 0;
    }
    const auto found = std::ranges::find(cases, arguments[1], &bench::kernel_case::name);
    if (found == cases.end()) {
      std::fprintf(stderr, "count_kernels: no kernel is called \"%s\"; without arguments it lists them\n",
                   arguments[1]);
      return 2;
    }
    const bench::kernel_work work = found->make(*kernels::active_table().fused);
    work.run();
    counted_call(work);
  } catch (const std::exception& e) {
    std::fprintf(stderr, "count_kernels: %s\n", e.what());
    return 1;
  }
  return 0;
}
