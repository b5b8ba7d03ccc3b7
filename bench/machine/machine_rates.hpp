#pragma once
// What one core does at best with the vectors of an instruction set: loops that do nothing else. Compiled once for each
// set, with multiply-adds rounded twice as in our kernels, and once more fused.

#include <cstddef>
#include <string_view>

namespace backspike::bench {

struct rate_loops {
  std::string_view isa;
  std::size_t stream_block;  // `stream_add` takes a multiple of these floats
  /// Reads floats and adds them up in registers: what adding weight rows amounts to.
  void (*stream_add)(const float* data, std::size_t floats);
  /// Each does `operations_of(times)` operations on independent floats in registers.
  void (*add)(std::size_t times);
  void (*multiply_add)(std::size_t times);
  void (*divide)(std::size_t times);
  std::size_t operations;  // for times = 1
};

/// The loops for a kernel table's instruction set; those of the processor's least if there are none of its name.
const rate_loops& loops_of(std::string_view isa, bool fused);

}  // namespace backspike::bench
