#include "kernels/kernels_impl.hpp"

namespace backspike::kernels {

extern const table avx512_table;
const table avx512_table =
    make_table<xsimd::batch<float, xsimd::avx512f>>("avx512", [] { return __builtin_cpu_supports("avx512f") != 0; });

}  // namespace backspike::kernels
