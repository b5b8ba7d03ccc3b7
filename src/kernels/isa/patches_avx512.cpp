// The patches of convolutions for AVX-512; the code is that of patches.hpp.

#include "kernels/patches.hpp"

namespace backspike::kernels {

extern const patch_functions avx512_patches;
const patch_functions avx512_patches = make_patch_functions<xsimd::batch<float, xsimd::avx512f>>("avx512");

}  // namespace backspike::kernels
