// The patches of convolutions for AVX2; the code is that of patches.hpp.

#include "kernels/patches.hpp"

namespace backspike::kernels {

extern const patch_functions avx2_patches;
const patch_functions avx2_patches = make_patch_functions<xsimd::batch<float, xsimd::avx2>>("avx2");

}  // namespace backspike::kernels
