// The kernels for AVX2 with FMA. The code is that of kernels_impl.hpp; only the vector type and the flags of this file
// differ.

#include "kernels/isa/kernels_impl.hpp"

namespace backspike::kernels {
namespace {

using simd = xsimd::batch<float, xsimd::avx2>;
bool supported() { return __builtin_cpu_supports("avx2") != 0 && __builtin_cpu_supports("fma") != 0; }
const table fused = make_fused_table<simd>("avx2", &supported);

}  // namespace

extern const table avx2_table;
const table avx2_table = make_table<simd>("avx2", &supported, &fused);

}  // namespace backspike::kernels
