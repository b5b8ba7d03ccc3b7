#include "kernels/kernels_impl.hpp"

namespace backspike::kernels {
namespace {

using simd = xsimd::batch<float, xsimd::avx512f>;
bool supported() { return __builtin_cpu_supports("avx512f") != 0; }
const table fused = make_fused_table<simd>("avx512", &supported);

}  // namespace

extern const table avx512_table;
const table avx512_table = make_table<simd>("avx512", &supported, &fused);

}  // namespace backspike::kernels
