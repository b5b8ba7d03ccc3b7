// The product of bfloat16 pairs where the processor has an instruction for it. Compiled for that processor, in a file
// of its own: the table for AVX-512 has to run without.

#include "kernels/product_bfloat16.hpp"

#include "kernels/product.hpp"

namespace backspike::kernels {
namespace {

/// A type of its own, so that nothing compiled here is taken for what other files compile.
struct native_pairs {
  template <class V>
  static inline __attribute__((always_inline)) V add(const V& a, const V& b, const V& sum) {
    const auto pair = [](const V& x) { return reinterpret_cast<__m512bh>(static_cast<__m512>(x)); };
    return _mm512_dpbf16_ps(sum, pair(a), pair(b));
  }
};

}  // namespace

bool has_bfloat16() { return __builtin_cpu_supports("avx512bf16") != 0; }

void product_bfloat16(const product_args& a) { product<xsimd::batch<float, xsimd::avx512f>, native_pairs>(a); }

}  // namespace backspike::kernels
