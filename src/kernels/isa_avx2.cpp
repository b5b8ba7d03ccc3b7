#include "kernels/kernels_impl.hpp"

namespace backspike::kernels {

extern const table avx2_table;
const table avx2_table =
    make_table<xsimd::batch<float, xsimd::avx2>>("avx2", [] { return __builtin_cpu_supports("avx2") != 0; });

}  // namespace backspike::kernels
