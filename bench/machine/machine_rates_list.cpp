// Finds the measuring loops of an instruction set by its name.

#include "machine_rates.hpp"

#include <algorithm>
#include <array>

namespace backspike::bench {

#if defined(__x86_64__)
extern const rate_loops avx512_loops, avx512_fused_loops, avx2_loops, avx2_fused_loops;
#endif
extern const rate_loops base_loops;

namespace {

struct entry {
  std::string_view isa;
  const rate_loops *separate, *fused;
};

constexpr std::array known {
#if defined(__x86_64__)
  entry{"avx512", &avx512_loops, &avx512_fused_loops}, entry{"avx2", &avx2_loops, &avx2_fused_loops},
#endif
      entry{"base", &base_loops, &base_loops},
};

}  // namespace

const rate_loops& loops_of(std::string_view isa, bool fused) {
  const auto found = std::ranges::find(known, isa, &entry::isa);
  const entry& e = found == known.end() ? known.back() : *found;
  return fused ? *e.fused : *e.separate;
}

}  // namespace backspike::bench
