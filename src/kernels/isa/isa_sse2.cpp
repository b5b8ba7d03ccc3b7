// The kernels for SSE2, which every processor of 64 bits has.

#include "kernels/isa/kernels_impl.hpp"

namespace backspike::kernels {
namespace {

using simd = xsimd::batch<float, xsimd::sse2>;
bool supported() { return __builtin_cpu_supports("sse2") != 0; }
const table fused = make_fused_table<simd>("sse2", &supported);

}  // namespace

extern const table sse2_table;
const table sse2_table = make_table<simd>("sse2", &supported, &fused);

}  // namespace backspike::kernels
