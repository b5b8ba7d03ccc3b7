// The kernels for AVX-512. Products of 16-bit numbers use the processor's own instruction where it has one.

#include "kernels/isa/kernels_impl.hpp"
#include "kernels/product_bfloat16.hpp"

namespace backspike::kernels {
namespace {

using simd = xsimd::batch<float, xsimd::avx512f>;
bool supported() { return __builtin_cpu_supports("avx512f") != 0; }

void pair_product(const product_args& a) { has_bfloat16() ? product_bfloat16(a) : product<simd, pair_sum>(a); }

constexpr table with_bfloat16(table t) {
  t.pair_product = &pair_product;
  return t;
}

const table fused = with_bfloat16(make_fused_table<simd>("avx512", &supported));

}  // namespace

extern const table avx512_table;
const table avx512_table = with_bfloat16(make_table<simd>("avx512", &supported, &fused));

}  // namespace backspike::kernels
