#pragma once
// Of isa_avx512.cpp only, which asks before it calls.

#include "kernels/product.hpp"

namespace backspike::kernels {

bool has_bfloat16();
void product_bfloat16(const product_args& a);

}  // namespace backspike::kernels
