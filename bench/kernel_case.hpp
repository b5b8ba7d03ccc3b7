#pragma once
// The main kernels at the sizes of the engine, each with the least work that it could be done with: what the roofline
// measures against the machine's rates, and what the guard counts instructions of. A kernel more is an entry in
// kernel_cases().

#include "kernels/kernel_table.hpp"

#include <cstddef>
#include <functional>
#include <span>
#include <string_view>

namespace backspike::bench {

/// One call and what it cannot do without. Operations are counted by hand from the equations, on floats.
struct kernel_work {
  std::function<void()> run;
  double additions = 0.0;      // also comparisons and selections
  double multiply_adds = 0.0;  // a product and a sum, rounded separately
  double fused = 0.0;          // rounded once
  double divisions = 0.0;      // and square roots
  double bytes = 0.0;          // read or written in the level of the memory that `working_set` fits
  std::size_t working_set = 0;
};

struct kernel_case {
  std::string_view name;
  std::string_view what;  // where and how large
  kernel_work (*make)(const kernels::table& table);
};

std::span<const kernel_case> kernel_cases();

}  // namespace backspike::bench
