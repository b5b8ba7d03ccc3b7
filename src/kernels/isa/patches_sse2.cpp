// The patches of convolutions for SSE2; the code is that of patches.hpp.

#include "kernels/patches.hpp"

namespace backspike::kernels {

extern const patch_functions sse2_patches;
const patch_functions sse2_patches = make_patch_functions<xsimd::batch<float, xsimd::sse2>>("sse2");

}  // namespace backspike::kernels
