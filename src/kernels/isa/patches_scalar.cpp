// The patches of convolutions for any processor; the code is that of patches.hpp.

#include "kernels/patches.hpp"

namespace backspike::kernels {

extern const patch_functions scalar_patches;
const patch_functions scalar_patches = make_patch_functions<float>("scalar");

}  // namespace backspike::kernels
