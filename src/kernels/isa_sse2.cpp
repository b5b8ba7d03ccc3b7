#include "kernels/kernels_impl.hpp"

namespace backspike::kernels {

extern const table sse2_table;
const table sse2_table =
    make_table<xsimd::batch<float, xsimd::sse2>>("sse2", [] { return __builtin_cpu_supports("sse2") != 0; });

}  // namespace backspike::kernels
